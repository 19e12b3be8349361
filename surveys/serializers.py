"""What the API reads and writes of the survey."""

from typing import Any

from rest_framework import serializers

from ml.items import N_ITEMS
from surveys.services.answers import HIGHEST_ANSWER, LONGEST_PAUSE, MISSED

LOWEST_ANSWER = MISSED + 1


class ChoiceSerializer(serializers.Serializer[Any]):
    """One of the five answers."""

    value = serializers.IntegerField(min_value=LOWEST_ANSWER, max_value=HIGHEST_ANSWER)
    words = serializers.CharField()


class ItemSerializer(serializers.Serializer[Any]):
    """One statement."""

    number = serializers.IntegerField(min_value=1, max_value=N_ITEMS)
    text = serializers.CharField()


class ItemBankSerializer(serializers.Serializer[Any]):
    """The whole survey."""

    choices = ChoiceSerializer(many=True)
    items = ItemSerializer(many=True)


class AnswerSerializer(serializers.Serializer[Any]):
    """One's own answer to one statement."""

    number = serializers.IntegerField(min_value=1, max_value=N_ITEMS)
    value = serializers.IntegerField(min_value=LOWEST_ANSWER, max_value=HIGHEST_ANSWER)


class NewAnswerSerializer(serializers.Serializer[Any]):
    """What one answers, and how long it took."""

    value = serializers.IntegerField(min_value=LOWEST_ANSWER, max_value=HIGHEST_ANSWER)
    seconds = serializers.IntegerField(
        min_value=0, max_value=LONGEST_PAUSE, required=False, help_text="Spent on this answer; 0 if unknown."
    )


class AnswersSerializer(serializers.Serializer[Any]):
    """One's own answers, and how far one is."""

    n_items = serializers.IntegerField()
    n_answered = serializers.IntegerField()
    n_until_shown = serializers.IntegerField(help_text="Answers still needed before one is shown to others.")
    answers = AnswerSerializer(many=True)


class FactorSerializer(serializers.Serializer[Any]):
    """Where one stands on a factor, in percentiles of adults, with the 90 % interval."""

    name = serializers.CharField()
    percentile = serializers.FloatField(min_value=0, max_value=100)
    low = serializers.FloatField(min_value=0, max_value=100)
    high = serializers.FloatField(min_value=0, max_value=100)
    low_end = serializers.CharField()
    high_end = serializers.CharField()
    sentence = serializers.CharField()


class PictureSerializer(serializers.Serializer[Any]):
    """Where one stands, as far as the answers tell."""

    n_answered = serializers.IntegerField()
    factors = FactorSerializer(many=True)
    globals = FactorSerializer(many=True)
    type_name = serializers.CharField()
    type_description = serializers.CharField()
    typicality = serializers.FloatField(help_text="How well the type fits, from 0 to 1.")
    sharpness = serializers.FloatField(help_text="How much of what the whole survey tells is known, from 0 to 1.")
    hints = serializers.ListField(child=serializers.CharField(), help_text="What makes the answers doubtful.")
