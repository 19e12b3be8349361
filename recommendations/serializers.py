"""What the API reads and writes about other people: public ids, words, and never a score."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts import languages
from accounts.models import Purpose, Reach
from accounts.models.preference import OLDEST_AGE
from accounts.models.user import ADULT_AGE
from accounts.serializers import PersonPageSerializer, PersonSerializer
from recommendations.models import Interest, Label, Match, SampleVerdict, Verdict, VerdictValue
from recommendations.models.verdict import LONGEST_NOTE
from recommendations.notes import without_links
from recommendations.services import samples
from recommendations.services.lists import Obstacle
from surveys.serializers import FactorSerializer

TOKEN_LENGTH = 64


class PeopleQuerySerializer(serializers.Serializer[Any]):
    """Which list is asked for."""

    purpose = serializers.ChoiceField(choices=Purpose.choices)
    circle = serializers.UUIDField(required=False, help_text="Public id of one of your circles.")
    youngest = serializers.IntegerField(
        required=False, min_value=ADULT_AGE, max_value=OLDEST_AGE, help_text="Only for this list; narrows your ages."
    )
    oldest = serializers.IntegerField(
        required=False, min_value=ADULT_AGE, max_value=OLDEST_AGE, help_text="Only for this list; narrows your ages."
    )
    place = serializers.ChoiceField(
        choices=Reach.choices, required=False, help_text="Only for this list; narrows how far away people may live."
    )
    language = serializers.ChoiceField(
        choices=list(languages.OFFERED), required=False, help_text="Only for this list; who speaks this language."
    )


class PersonQuerySerializer(serializers.Serializer[Any]):
    """For which purpose a person is looked at."""

    purpose = serializers.ChoiceField(choices=Purpose.choices, required=False, help_text="The last one if left out.")


class FactsSerializer(serializers.Serializer[Any]):
    """What a list said of a person, frozen for 30 days: five steps, reasons, and how they may see you."""

    step = serializers.ChoiceField(choices=Label.values)
    label = serializers.CharField()  # type: ignore[assignment] # a serializer has no label of its own here
    reasons = serializers.ListField(child=serializers.CharField())
    interest = serializers.ChoiceField(
        choices=Interest.values, help_text="How they may see you; open is no sign as well as too little known."
    )
    interest_sentence = serializers.CharField()
    completeness = serializers.CharField()
    shared_circles = serializers.ListField(child=serializers.CharField())
    shared_purposes = serializers.ListField(
        child=serializers.CharField(), help_text="What else you are both here for, as far as you would see each other."
    )
    shared_languages = serializers.ListField(child=serializers.CharField())


class CardSerializer(FactsSerializer):
    """One person of a list."""

    person = PersonSerializer()


class SamplePersonSerializer(serializers.Serializer[Any]):
    """Somebody who is no member: a token that only you can use, and how and why you are alike."""

    token = serializers.CharField()
    step = serializers.ChoiceField(choices=Label.values)
    label = serializers.CharField()  # type: ignore[assignment] # as above
    reasons = serializers.ListField(child=serializers.CharField())


class PeopleSerializer(serializers.Serializer[Any]):
    """The list in force for a purpose, or why nobody is on it."""

    purpose = serializers.ChoiceField(choices=Purpose.choices)
    circle = serializers.UUIDField(allow_null=True)
    n_eligible = serializers.IntegerField(help_text="People who could have been shown.")
    obstacle = serializers.ChoiceField(
        choices=[obstacle.name.lower() for obstacle in Obstacle],
        allow_null=True,
        help_text="What keeps you from being shown anybody.",
    )
    removed = serializers.ListField(
        child=serializers.CharField(), help_text="Where nobody is left: how many people each single rule keeps away."
    )
    people = CardSerializer(many=True)
    sample_people = SamplePersonSerializer(many=True)
    are_samples_synthetic = serializers.BooleanField(help_text="Whether the model invented them.")


class PersonDetailsSerializer(serializers.Serializer[Any]):
    """The page of a person whom you were shown or are matched with."""

    person = PersonPageSerializer()
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    facts = FactsSerializer(allow_null=True, help_text="What the last list said; nothing is computed anew.")
    verdict = serializers.ChoiceField(choices=[VerdictValue.LIKE.value, VerdictValue.PASS.value], allow_null=True)
    match = serializers.UUIDField(allow_null=True, help_text="Public id of the match, if there is one.")


class NewVerdictSerializer(serializers.Serializer[Any]):
    """What you say of a person for a purpose."""

    person = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    value = serializers.ChoiceField(choices=VerdictValue.choices)
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_NOTE,
        validators=[without_links],
        help_text="Goes with a like and is delivered with the match, never before. No links.",
    )


class RecordedVerdictSerializer(NewVerdictSerializer):
    """What holds now, and the match that came of it."""

    given_at = serializers.DateTimeField()
    match = serializers.UUIDField(allow_null=True, help_text="Public id of the match, if there is one.")


class VerdictSerializer(serializers.ModelSerializer[Verdict]):
    """A like or a pass that stands."""

    person = PersonSerializer(source="target")

    class Meta:
        model = Verdict
        fields: ClassVar = ("person", "purpose", "value", "note", "given_at", "is_demo")
        read_only_fields = fields


class NewSampleVerdictSerializer(serializers.Serializer[Any]):
    """What you say of a sample person."""

    token = serializers.CharField(max_length=TOKEN_LENGTH)
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    value = serializers.ChoiceField(choices=VerdictValue.choices)


class SampleVerdictSerializer(serializers.ModelSerializer[SampleVerdict]):
    """What you said of a sample person."""

    token = serializers.SerializerMethodField()

    class Meta:
        model = SampleVerdict
        fields: ClassVar = ("token", "purpose", "value", "given_at")
        read_only_fields = fields

    def get_token(self, verdict: SampleVerdict) -> str:
        """Return what stands for the sample person."""
        return samples.token_of(verdict)


class MatchSerializer(serializers.ModelSerializer[Match]):
    """A match as the one of the two sees it who asks."""

    person = serializers.SerializerMethodField()

    class Meta:
        model = Match
        fields: ClassVar[tuple[str, ...]] = ("public_id", "purpose", "matched_at", "is_demo", "person")
        read_only_fields = fields

    def get_person(self, match: Match) -> PersonPageSerializer:
        """Return the other one."""
        return PersonPageSerializer(match.other(self.context["user_id"])).data  # type: ignore[return-value]


class DifferenceSerializer(serializers.Serializer[Any]):
    """A factor on which the two clearly differ."""

    name = serializers.CharField()
    mine = serializers.CharField(help_text="What you are nearer to.")
    theirs = serializers.CharField(help_text="What the other is nearer to.")


class MatchDetailsSerializer(MatchSerializer):
    """A match with how the two reach each other, and whether they see each other's pictures."""

    i_share = serializers.SerializerMethodField(help_text="Whether you let the other know how to reach you.")
    contact = serializers.SerializerMethodField(help_text="How to reach the other; empty until you both share.")
    i_open = serializers.SerializerMethodField(help_text="Whether you let the other see your picture.")

    class Meta(MatchSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *MatchSerializer.Meta.fields,
            *("i_share", "both_share_contact", "contact", "i_open", "both_open"),
        )
        read_only_fields = fields

    def get_i_share(self, match: Match) -> bool:
        """Whether the one who asks shares."""
        return match.shares_contact(self.context["user_id"])

    def get_contact(self, match: Match) -> str:
        """Return how to reach the other."""
        return match.contact_for(self.context["user_id"])

    def get_i_open(self, match: Match) -> bool:
        """Whether the one who asks opens their picture."""
        return match.opens(self.context["user_id"])


class OpenedPictureSerializer(serializers.Serializer[Any]):
    """One of two pictures: what makes a person's own answers doubtful stays theirs."""

    factors = FactorSerializer(many=True)
    type_name = serializers.CharField()
    type_description = serializers.CharField()


class OpenedSerializer(serializers.Serializer[Any]):
    """What two see of each other once both have opened their pictures."""

    mine = OpenedPictureSerializer(allow_null=True)
    theirs = OpenedPictureSerializer(allow_null=True)
    differences = DifferenceSerializer(many=True)
    introductions = serializers.ListField(child=serializers.CharField())


class OpeningSerializer(serializers.Serializer[Any]):
    """Whether your match may see your picture."""

    opens = serializers.BooleanField()


class ContactSerializer(serializers.Serializer[Any]):
    """Whether your match may know how to reach you."""

    shares = serializers.BooleanField()
