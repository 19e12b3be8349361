"""The API's operations on the survey; every one but the statements works on the sheet of who asks."""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import member, read
from accounts.permissions import AgreedToBeMatched, IsMember
from ml.items import ITEMS
from surveys.models import AnswerSheet
from surveys.serializers import (
    AnswerSerializer,
    AnswersSerializer,
    ItemBankSerializer,
    NewAnswerSerializer,
    PictureSerializer,
)
from surveys.services import answers, picture, questions

NUMBER = OpenApiParameter(
    "number",
    {"type": "integer", "minimum": 1, "maximum": len(ITEMS)},
    OpenApiParameter.PATH,
    description="Number of a statement.",
)


class ItemsView(APIView):
    """The statements."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=ItemBankSerializer)
    def get(self, request: Request) -> Response:
        """Return all statements and the answers to choose from; they never change."""
        bank = {
            "choices": [
                {"value": value, "words": words} for value, words in enumerate(questions.ANSWER_WORDS, start=1)
            ],
            "items": [{"number": number, "text": item.text} for number, item in enumerate(ITEMS, start=1)],
        }
        return Response(ItemBankSerializer(bank).data)


class AnswersView(APIView):
    """One's own answers."""

    permission_classes = (IsMember, AgreedToBeMatched)

    @extend_schema(responses=AnswersSerializer)
    def get(self, request: Request) -> Response:
        """Return one's own answers and how far one is."""
        sheet = answers.current_sheet(user=member(request))
        progress = questions.progress_of(sheet=sheet)
        found = {
            "n_items": progress.n_items,
            "n_answered": progress.n_answered,
            "n_until_shown": progress.n_until_shown,
            "answers": _given(sheet),
        }
        return Response(AnswersSerializer(found).data)


class AnswerView(APIView):
    """One's own answer to one statement."""

    permission_classes = (IsMember, AgreedToBeMatched)

    @extend_schema(
        parameters=[NUMBER], request=NewAnswerSerializer, responses={200: AnswerSerializer, 404: OpenApiTypes.NONE}
    )
    def put(self, request: Request, number: int) -> Response:
        """Answer a statement; the same answer again changes nothing."""
        given = read(request, NewAnswerSerializer)
        _save(request, number, given["value"], given.get("seconds", 0))
        return Response(AnswerSerializer({"number": number, "value": given["value"]}).data)

    @extend_schema(parameters=[NUMBER], responses={204: None, 404: OpenApiTypes.NONE})
    def delete(self, request: Request, number: int) -> Response:
        """Take an answer back; where there is none nothing happens."""
        _save(request, number, answers.MISSED)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PictureView(APIView):
    """One's own picture."""

    permission_classes = (IsMember, AgreedToBeMatched)

    @extend_schema(responses={200: PictureSerializer, 404: OpenApiTypes.NONE})
    def get(self, request: Request) -> Response:
        """Return where one stands on each factor, as sure as the answers allow."""
        found = picture.picture_of(sheet=answers.current_sheet(user=member(request)))
        if found is None:
            raise exceptions.NotFound("There is no picture yet. Answer some statements first.")
        return Response(PictureSerializer(found).data)


def _given(sheet: AnswerSheet) -> list[dict[str, int]]:
    """Return the answers of a sheet, without those that are missing."""
    given = enumerate(bytes(sheet.answers), start=1)
    return [{"number": number, "value": value} for number, value in given if value != answers.MISSED]


def _save(request: Request, number: int, value: int, seconds: int = 0) -> None:
    """Save an answer; a statement that is none does not exist."""
    if not 1 <= number <= len(ITEMS):
        raise Http404
    answers.save_answer(user=member(request), item=number - 1, value=value, seconds=seconds)
