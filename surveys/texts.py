"""What a place on each of the sixteen factors means, and how it may show in daily life; no end is the better one."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Meaning:
    """Two sentences for each of three places: what it means, and how it may show."""

    low: tuple[Text, Text]
    middle: tuple[Text, Text]
    high: tuple[Text, Text]


# By the letter of the scale.
MEANINGS: Mapping[str, Meaning] = {
    "A": Meaning(
        low=(
            _("You keep a friendly distance and leave others their room."),
            _("People may notice that you listen without prying, and that getting close to you takes time."),
        ),
        middle=(
            _("You are warm with some people and reserved with others."),
            _("How much you turn towards somebody may depend on the day and on who it is."),
        ),
        high=(
            _("You turn towards people easily and take an interest in how they are."),
            _("Others may come to you to talk, and you may find it hard to leave someone alone with a worry."),
        ),
    ),
    "B": Meaning(
        low=(
            _("You see yourself as somebody who learns by doing rather than by analysing."),
            _("You may prefer a clear example to a theory, and not make much of what you know."),
        ),
        middle=(
            _("You describe your own quickness of mind much as most people describe theirs."),
            _("You may enjoy a puzzle now and then, and gladly leave the next one to somebody else."),
        ),
        high=(
            _("You see yourself as quick to learn and fond of taking things apart in thought."),
            _("You may reach for the abstract early, and grow restless when an explanation goes slowly."),
        ),
    ),
    "C": Meaning(
        low=(
            _("You feel ups and downs strongly."),
            _("A good day may carry you far, and a bad one may take its time to pass."),
        ),
        middle=(
            _("Your moods move about as much as most people's do."),
            _("Small things pass quickly, while larger ones may stay with you for a while."),
        ),
        high=(
            _("Your moods stay even, also when much is going on."),
            _("Others may lean on your calm, and sometimes wonder what it would take to upset you."),
        ),
    ),
    "D": Meaning(
        low=(
            _("You leave the lead to others where you can, and look for what everybody can live with."),
            _("In a group you may give way early, and say what you want only when asked."),
        ),
        middle=(
            _("You lead when something matters to you and follow when it does not."),
            _("In a group you may speak up on your own subject and sit back on the next."),
        ),
        high=(
            _("You take the lead and say plainly what you think."),
            _("Decisions may come faster when you are in the room, and you may need to ask the quiet ones."),
        ),
    ),
    "E": Meaning(
        low=(
            _("You are serious by inclination and at your best in small company."),
            _("A long talk with one person may give you more than an evening among many."),
        ),
        middle=(
            _("You enjoy liveliness in doses."),
            _("You may be the cheerful one at one party and glad to have stayed at home for the next."),
        ),
        high=(
            _("You are playful, and many people around you lift your spirits."),
            _("You may be the one who starts the laughing, and find a silent evening long."),
        ),
    ),
    "F": Meaning(
        low=(
            _("You ask what a rule is for before you follow it."),
            _("You may find your own way of doing things, and be impatient with custom for its own sake."),
        ),
        middle=(
            _("You keep the rules that make sense to you and bend the others."),
            _("You may value a tradition at home and question the next one at work."),
        ),
        high=(
            _("Rules and traditions mean something to you, and you keep them."),
            _("Others may rely on your word, and notice that a broken agreement troubles you."),
        ),
    ),
    "G": Meaning(
        low=(
            _("You are quiet at first and take your time before you approach people."),
            _("Those who wait a little may meet somebody quite different from the first impression."),
        ),
        middle=(
            _("New people neither draw you much nor hold you back much."),
            _("You may talk freely where you know one person, and stay on the edge where you know none."),
        ),
        high=(
            _("You are at ease with people whom you have never met."),
            _("Walking up to a stranger or speaking before a group may cost you little."),
        ),
    ),
    "H": Meaning(
        low=(
            _("You look at things matter-of-factly and keep sentiment out of it."),
            _("You may judge a thing by whether it works, and be a steady head when others are moved."),
        ),
        middle=(
            _("You are moved by some things and unmoved by others."),
            _("A piece of music may reach you on one day and be only pleasant on another."),
        ),
        high=(
            _("Stories, art and beauty move you."),
            _("You may notice a mood in a room early, and carry a film or a book with you for days."),
        ),
    ),
    "I": Meaning(
        low=(
            _("You trust people and take it that they mean well."),
            _("You may lend things easily, and be surprised when somebody had a hidden reason."),
        ),
        middle=(
            _("You trust most people, and look twice where something seems off."),
            _("Whom you believe may depend on what you have seen of them."),
        ),
        high=(
            _("You watch first and trust slowly."),
            _("You may notice what does not add up, and give your confidence to few people, and then for long."),
        ),
    ),
    "J": Meaning(
        low=(
            _("You keep your feet on the ground and your mind on what is at hand."),
            _("You may finish the practical part while others still talk about ideas."),
        ),
        middle=(
            _("You move between ideas and the practical side of things."),
            _("You may drift off in thought at times, and come back when something needs doing."),
        ),
        high=(
            _("Your mind wanders far, and ideas come easily."),
            _("You may be lost in thought while the kettle boils over, and see a possibility that nobody else saw."),
        ),
    ),
    "K": Meaning(
        low=(
            _("You are open about yourself and say what is on your mind."),
            _("People may know early where they are with you, and tell you things in turn."),
        ),
        middle=(
            _("You tell some people much and most people little."),
            _("What you share may depend on the setting and on how long you have known somebody."),
        ),
        high=(
            _("You are discreet and keep your thoughts to yourself."),
            _("Others may trust you with a secret, and know you for a long time before they know you well."),
        ),
    ),
    "L": Meaning(
        low=(
            _("You are sure enough of yourself to let things go."),
            _("A mistake may bother you for an evening rather than for a week."),
        ),
        middle=(
            _("You think over some things that went wrong and let others rest."),
            _("A remark may stay with you when it comes from somebody who matters."),
        ),
        high=(
            _("You think of what may go wrong, and of what you could have done better."),
            _("You may come well prepared, and need a kind word more than others guess."),
        ),
    ),
    "M": Meaning(
        low=(
            _("You like what is familiar and concrete."),
            _("You may stay with a good place, a good recipe or a good method once you have found it."),
        ),
        middle=(
            _("You are curious about some new ideas and content with old ones elsewhere."),
            _("You may try the unknown dish and keep to the well-known road."),
        ),
        high=(
            _("You are curious about ideas and open to change."),
            _("You may read far outside your field, and ask why a thing could not be done differently."),
        ),
    ),
    "N": Meaning(
        low=(
            _("You like to be part of a group and to do things together."),
            _("A plan may become a good one for you once others are in it."),
        ),
        middle=(
            _("You like company, and like being left alone again."),
            _("You may work in a team by day and want the evening for yourself."),
        ),
        high=(
            _("You are happy alone and rely on yourself."),
            _("You may settle things before anybody thinks of helping, and need time without people."),
        ),
    ),
    "O": Meaning(
        low=(
            _("You are relaxed about disorder and improvise."),
            _("You may begin before everything is in place, and find your things by memory rather than by system."),
        ),
        middle=(
            _("You are orderly where it pays and easy-going elsewhere."),
            _("Your desk may be tidy and your wardrobe not, or the other way round."),
        ),
        high=(
            _("You like order and look after the last detail."),
            _("Others may bring you what must be right, and you may find it hard to call a thing finished."),
        ),
    ),
    "P": Meaning(
        low=(
            _("You are patient, and it takes much to annoy you."),
            _("A queue or a slow answer may leave you unmoved."),
        ),
        middle=(
            _("You are patient with most things and quick with a few."),
            _("What stirs you may depend on how tired you are and on what is at stake."),
        ),
        high=(
            _("You are driven, and quickly stirred."),
            _("You may get much done in a short time, and feel it when others take theirs."),
        ),
    ),
}
