"""What the API reads and writes of a member's own account; every field is named, nothing comes by itself."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts import languages, places
from accounts.models import ADULT_AGE, Preference, Profile, Purpose, Reach, User, Visibility
from accounts.models.preference import LARGEST_ROOM, OLDEST_AGE, WantedGender

LARGEST_CITY_ID = 2**31 - 1


class OwnProfileSerializer(serializers.ModelSerializer[Profile]):
    """One's own profile."""

    public_id = serializers.UUIDField(source="user.public_id", read_only=True)
    place = serializers.SerializerMethodField(help_text="A city with its country; empty for none.")
    languages = serializers.SerializerMethodField(help_text="ISO 639-1 codes of the languages one speaks.")

    class Meta:
        model = Profile
        fields: ClassVar = (
            *("public_id", "display_name", "headline", "bio", "place", "languages", "gender", "gender_words"),
            *("contact", "is_paused"),
        )

    def get_place(self, profile: Profile) -> str:
        """Return the city as people know it."""
        return str(places.city(profile.city) or "")

    def get_languages(self, profile: Profile) -> list[str]:
        """Return the codes in alphabetical order; a profile that is not saved yet has none."""
        return sorted(spoken.code for spoken in profile.languages.all()) if profile.pk else []


class ProfileChangeSerializer(serializers.ModelSerializer[Profile]):
    """What can be changed of one's own profile; what is left out stays as it is."""

    place = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Name of a city; a country or state after a comma tells cities of one name apart.",
    )
    town = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_CITY_ID,
        help_text="GeoNames id of one of several cities that the place can mean.",
    )
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=list(languages.OFFERED)),
        required=False,
        max_length=len(languages.OFFERED),
        help_text="ISO 639-1 codes of all languages one speaks; they take the place of those before.",
    )

    class Meta:
        model = Profile
        fields: ClassVar = (
            *("display_name", "headline", "bio", "place", "town", "languages", "gender", "gender_words", "contact"),
            "is_paused",
        )


class PersonSerializer(serializers.ModelSerializer[User]):
    """What everybody sees of a person whom they are shown: never an address, a birth date or an answer."""

    display_name = serializers.CharField(source="profile.display_name")
    headline = serializers.CharField(source="profile.headline")
    place = serializers.SerializerMethodField(help_text="A city with its country; empty for none.")

    class Meta:
        model = User
        fields: ClassVar[tuple[str, ...]] = ("public_id", "display_name", "headline", "place", "is_demo")
        read_only_fields = fields

    def get_place(self, person: User) -> str:
        """Return the city as people know it."""
        return str(places.city(person.profile.city) or "")


class PersonPageSerializer(PersonSerializer):
    """A person with what their page tells."""

    bio = serializers.CharField(source="profile.bio")

    class Meta(PersonSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*PersonSerializer.Meta.fields, "bio")
        read_only_fields = fields


class PurposeSerializer(serializers.ModelSerializer[Preference]):
    """What one is here for, and whom one wants to meet for it."""

    wanted = serializers.SerializerMethodField(help_text="Genders one wants to date; none means all.")

    class Meta:
        model = Preference
        fields: ClassVar = ("purpose", "is_active", "visibility", "youngest", "oldest", "reach", "room", "wanted")
        read_only_fields = fields

    def get_wanted(self, preference: Preference) -> list[str]:
        """Return the wanted genders; only dates have any."""
        if preference.pk is None or preference.purpose != Purpose.DATE:
            return []
        return list(preference.wanted_genders.order_by("gender").values_list("gender", flat=True))


class PurposeRulesSerializer(serializers.Serializer[Any]):
    """The rules of one purpose; of these only reach and room may be left out, and then stay as they are."""

    is_active = serializers.BooleanField()
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    youngest = serializers.IntegerField(min_value=ADULT_AGE, max_value=OLDEST_AGE)
    oldest = serializers.IntegerField(min_value=ADULT_AGE, max_value=OLDEST_AGE)
    reach = serializers.ChoiceField(
        choices=Reach.choices, required=False, help_text="How far apart the two may live; it holds both ways."
    )
    room = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ROOM, required=False, help_text="How many conversations at once."
    )
    wanted = serializers.ListField(
        child=serializers.ChoiceField(choices=[(gender.value, gender.label) for gender in WantedGender.WANTED]),
        required=False,
        max_length=len(WantedGender.WANTED),
        help_text="For dates only: genders one wants to meet; none means all.",
    )
    keep_wanted = serializers.BooleanField(
        required=False, help_text="The agreement that these genders are kept; needed with any of them."
    )


class TokenStateSerializer(serializers.Serializer[Any]):
    """When a token was made and when it ends."""

    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class IssuedTokenSerializer(TokenStateSerializer):
    """A new token, shown this once."""

    token = serializers.CharField(source="secret")
