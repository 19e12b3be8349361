"""The API's operations on other people. Nothing here computes a score for somebody whom the viewer chose."""

import uuid
from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import member, read
from accounts.models import Circle, Notification, User
from accounts.permissions import AgreedToBeMatched, IsMember
from accounts.services import notifications
from recommendations import texts
from recommendations.models import Label, Match, VerdictValue
from recommendations.serializers import (
    ContactSerializer,
    MatchDetailsSerializer,
    MatchSerializer,
    NewSampleVerdictSerializer,
    NewVerdictSerializer,
    OpenedSerializer,
    OpeningSerializer,
    PeopleQuerySerializer,
    PeopleSerializer,
    PersonDetailsSerializer,
    PersonQuerySerializer,
    RecordedVerdictSerializer,
    SampleVerdictSerializer,
    VerdictSerializer,
)
from recommendations.services import acquaintances, cards, lists, matches, openings, relaxing, samples, verdicts
from recommendations.services.narrowing import Narrowing

NOBODY = OpenApiTypes.NONE
# Seconds after which a like that had to wait may be tried again.
TRY_AGAIN_IN = 600
PERMISSIONS = (IsMember, AgreedToBeMatched)


class PeopleView(APIView):
    """The list of people."""

    permission_classes = PERMISSIONS

    @extend_schema(
        operation_id="people_list",
        parameters=[PeopleQuerySerializer],
        responses={200: PeopleSerializer, 404: NOBODY},
    )
    def get(self, request: Request) -> Response:
        """Return the list in force for a purpose; within half an hour it is the same one, less whom you judged."""
        viewer, asked = member(request), _asked(request, PeopleQuerySerializer)
        purpose, circle = asked["purpose"], _own_circle(viewer, asked.get("circle"))
        narrowing = Narrowing(
            circle, asked.get("youngest"), asked.get("oldest"), asked.get("place", ""), asked.get("language", "")
        )
        found = lists.list_for(viewer=viewer, purpose=purpose, narrowing=narrowing)
        reasons = None
        if not found.impressions and found.obstacle is None:
            reasons = relaxing.reasons(viewer=viewer, purpose=purpose, narrowing=narrowing)
        answer = {
            "purpose": purpose,
            "circle": circle.public_id if circle else None,
            "n_eligible": found.n_eligible,
            "obstacle": found.obstacle.name.lower() if found.obstacle else None,
            "removed": texts.kept_away(reasons.n_kept) if reasons else [],
            "people": cards.of_impressions(viewer=viewer, impressions=found.impressions),
            "sample_people": [
                {
                    "token": person.token,
                    "step": person.label,
                    "label": Label(person.label).label,
                    "reasons": texts.sentences(person.agreements),
                }
                for person in samples.list_for(viewer=viewer, purpose=purpose, circle=circle)
            ],
            "are_samples_synthetic": samples.are_synthetic(),
        }
        return Response(PeopleSerializer(answer).data)


class PersonView(APIView):
    """One person."""

    permission_classes = PERMISSIONS

    @extend_schema(parameters=[PersonQuerySerializer], responses={200: PersonDetailsSerializer, 404: NOBODY})
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """Return somebody whom you were shown or are matched with; everybody else does not exist."""
        viewer, asked = member(request), _asked(request, PersonQuerySerializer)
        try:
            known = acquaintances.find(viewer=viewer, public_id=public_id, purpose=asked.get("purpose"))
        except User.DoesNotExist:
            raise Http404 from None
        shown = [known.impression] if known.impression else []
        said = verdicts.current(actor=viewer, target=known.person, purpose=known.purpose)
        details = {
            "person": known.person,
            "purpose": known.purpose,
            "facts": next(iter(cards.of_impressions(viewer=viewer, impressions=shown)), None),
            "verdict": said.value if said else None,
            "match": known.match.public_id if known.match else None,
        }
        return Response(PersonDetailsSerializer(details).data)


class VerdictsView(GenericAPIView[Any]):
    """What one said of others."""

    permission_classes = PERMISSIONS
    serializer_class = VerdictSerializer
    ordering: ClassVar = ("-given_at", "-pk")

    @extend_schema(responses=VerdictSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return your likes and passes that stand, newest first."""
        page = self.paginate_queryset(verdicts.standing(actor=member(request)))
        return self.get_paginated_response(VerdictSerializer(page, many=True).data)

    @extend_schema(request=NewVerdictSerializer, responses={200: RecordedVerdictSerializer, 404: NOBODY})
    def post(self, request: Request) -> Response:
        """Like, pass or take back; the same word again changes nothing. Only who was shown to you can be judged."""
        actor, said = member(request), read(request, NewVerdictSerializer)
        other = get_object_or_404(User.objects.members(), public_id=said["person"])
        try:
            verdict = verdicts.record(
                actor=actor, target=other, purpose=said["purpose"], value=said["value"], note=said.get("note")
            )
        except verdicts.TooManyLikesError as error:
            raise Throttled(wait=TRY_AGAIN_IN, detail=str(error)) from None
        except verdicts.VerdictRefusedError:
            raise Http404 from None
        match = _match_with(actor, other, said["purpose"]) if verdict.value == VerdictValue.LIKE else None
        recorded = said | {
            "note": verdict.note,
            "given_at": verdict.given_at,
            "match": match.public_id if match else None,
        }
        return Response(RecordedVerdictSerializer(recorded).data)


class SampleVerdictsView(GenericAPIView[Any]):
    """What one said of sample people."""

    permission_classes = PERMISSIONS
    serializer_class = SampleVerdictSerializer
    ordering: ClassVar = ("-given_at", "-pk")

    @extend_schema(responses=SampleVerdictSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return what you said of sample people and have not taken back, newest first."""
        page = self.paginate_queryset(samples.standing(actor=member(request)))
        return self.get_paginated_response(SampleVerdictSerializer(page, many=True).data)

    @extend_schema(request=NewSampleVerdictSerializer, responses={200: SampleVerdictSerializer, 404: NOBODY})
    def post(self, request: Request) -> Response:
        """Say what you think of a sample person; it teaches Kindred your own taste and nothing else."""
        said = read(request, NewSampleVerdictSerializer)
        try:
            verdict = samples.record(actor=member(request), **said)
        except verdicts.VerdictRefusedError:
            raise Http404 from None
        return Response(SampleVerdictSerializer(verdict).data)


class MatchesView(GenericAPIView[Any]):
    """One's matches."""

    permission_classes = PERMISSIONS
    serializer_class = MatchSerializer
    ordering: ClassVar = ("-matched_at", "-pk")

    @extend_schema(responses=MatchSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return your matches, newest first; who has looked here needs no mail about them."""
        user = member(request)
        notifications.mark_read(user_id=user.pk, kind=Notification.Kind.MATCH)
        page = self.paginate_queryset(matches.of(user=user))
        return self.get_paginated_response(MatchSerializer(page, many=True, context={"user_id": user.pk}).data)


class MatchView(APIView):
    """One match."""

    permission_classes = PERMISSIONS

    @extend_schema(responses={200: MatchDetailsSerializer, 404: NOBODY})
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """Return one of your matches."""
        return _details(member(request), public_id)


class ContactView(APIView):
    """Whether a match may know how to reach one."""

    permission_classes = PERMISSIONS

    @extend_schema(request=ContactSerializer, responses={200: MatchDetailsSerializer, 404: NOBODY})
    def put(self, request: Request, public_id: uuid.UUID) -> Response:
        """Choose whether your match may know how to reach you; nothing is seen until both say yes."""
        user, chosen = member(request), read(request, ContactSerializer)
        try:
            matches.share_contact(user=user, public_id=public_id, shares=chosen["shares"])
        except Match.DoesNotExist:
            raise Http404 from None
        return _details(user, public_id)


class OpeningView(APIView):
    """What two people see of each other after a match, if both want it."""

    permission_classes = PERMISSIONS

    @extend_schema(responses={200: OpenedSerializer, 404: NOBODY})
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """Return both pictures and where they differ; until you both open yours there is nothing here."""
        user = member(request)
        match = get_object_or_404(matches.of(user=user), public_id=public_id)
        opened = openings.of_match(match=match, user=user)
        if opened is None:
            raise Http404
        return Response(OpenedSerializer(opened).data)

    @extend_schema(request=OpeningSerializer, responses={200: MatchDetailsSerializer, 404: NOBODY})
    def put(self, request: Request, public_id: uuid.UUID) -> Response:
        """Choose whether your match may see your picture; nothing is seen until both say yes, or after one says no."""
        user, chosen = member(request), read(request, OpeningSerializer)
        try:
            matches.open_picture(user=user, public_id=public_id, opens=chosen["opens"])
        except Match.DoesNotExist:
            raise Http404 from None
        return _details(user, public_id)


def _asked(request: Request, serializer: type[PeopleQuerySerializer | PersonQuerySerializer]) -> dict[str, Any]:
    """Return what the address asks for, of the right types and nothing else."""
    reader = serializer(data=request.query_params)
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)


def _own_circle(viewer: User, public_id: uuid.UUID | None) -> Circle | None:
    """Return one of a person's own circles, if one is asked for; any other does not exist."""
    if public_id is None:
        return None
    return get_object_or_404(Circle, public_id=public_id, memberships__user=viewer)


def _match_with(user: User, other: User, purpose: str) -> Match | None:
    """Return the match of two people for a purpose, if it holds."""
    return matches.of(user=user).between(user.pk, other.pk).filter(purpose=purpose).first()


def _details(user: User, public_id: uuid.UUID) -> Response:
    """Return one of a person's own matches."""
    match = get_object_or_404(matches.of(user=user), public_id=public_id)
    return Response(MatchDetailsSerializer(match, context={"user_id": user.pk}).data)
