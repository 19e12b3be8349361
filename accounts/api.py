"""The API's operations on a member's own account; each finds its row through the member who asks."""

from typing import Any, cast

from django.db import transaction
from django.forms import BaseForm
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.forms import PreferenceForm, ProfileForm
from accounts.models import Preference, Profile, Purpose, User
from accounts.permissions import IsMember, IsSignedInBySession
from accounts.serializers import (
    IssuedTokenSerializer,
    OwnProfileSerializer,
    ProfileChangeSerializer,
    PurposeRulesSerializer,
    PurposeSerializer,
    TokenStateSerializer,
)
from accounts.services import profiles, purposes, tokens

PURPOSE = OpenApiParameter("purpose", OpenApiTypes.STR, OpenApiParameter.PATH, enum=Purpose.values)


def member(request: Request) -> User:
    """Return who asks; permissions have seen to it that this is a member."""
    return cast("User", request.user)


def read(request: Request, serializer: type[serializers.BaseSerializer[Any]], **options: Any) -> dict[str, Any]:
    """Return what a body holds, of the right types and nothing else."""
    reader = serializer(data=request.data, **options)
    reader.is_valid(raise_exception=True)
    return cast("dict[str, Any]", reader.validated_data)


class ProfileView(APIView):
    """One's own profile."""

    permission_classes = (IsMember,)

    @extend_schema(responses=OwnProfileSerializer)
    def get(self, request: Request) -> Response:
        """Return one's own profile."""
        return Response(OwnProfileSerializer(profiles.of(user=member(request))).data)

    @extend_schema(request=ProfileChangeSerializer, responses=OwnProfileSerializer)
    def patch(self, request: Request) -> Response:
        """Change some of one's own profile, by the rules of the site's own form."""
        changes = read(request, ProfileChangeSerializer, partial=True)
        is_paused = changes.pop("is_paused", None)
        profile = profiles.of(user=member(request))
        form = ProfileForm(_as_it_is(profile) | changes, instance=profile)
        refuse_unless_valid(form)
        with transaction.atomic():
            form.save()
            if is_paused is not None:
                profiles.pause(user=member(request), is_paused=is_paused)
        return self.get(request)


class PurposesView(APIView):
    """What one is here for."""

    permission_classes = (IsMember,)

    @extend_schema(responses=PurposeSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return all purposes, those one is not here for too."""
        return Response(PurposeSerializer(purposes.of(user=member(request)), many=True).data)


class PurposeView(APIView):
    """One purpose."""

    permission_classes = (IsMember,)

    @extend_schema(parameters=[PURPOSE], request=PurposeRulesSerializer, responses={200: PurposeSerializer, 404: None})
    def put(self, request: Request, purpose: str) -> Response:
        """Set the rules of one purpose, by the rules of the site's own form."""
        preference = _preference(member(request), purpose)
        as_it_is = {"reach": preference.reach, "room": preference.room}
        form = PreferenceForm(as_it_is | read(request, PurposeRulesSerializer), instance=preference)
        refuse_unless_valid(form)
        purposes.keep(preference=form.save(commit=False), wanted=form.cleaned_data.get("wanted", ()))
        return Response(PurposeSerializer(_preference(member(request), purpose)).data)


class TokenView(APIView):
    """The token by which one's own programs use the API."""

    permission_classes = (IsMember, IsSignedInBySession)

    @extend_schema(responses={200: TokenStateSerializer, 404: None})
    def get(self, request: Request) -> Response:
        """Return when one's token was made and when it ends; never the token itself."""
        token = tokens.of(user=member(request))
        if token is None:
            raise Http404
        state = {"created_at": token.created, "expires_at": tokens.expires_at(token)}
        return Response(TokenStateSerializer(state).data)

    @extend_schema(request=None, responses={201: IssuedTokenSerializer})
    def post(self, request: Request) -> Response:
        """Make a token and show it this once; the one before it ends."""
        issued = tokens.issue(user=member(request))
        return Response(IssuedTokenSerializer(issued).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """End one's token; without one nothing happens."""
        tokens.revoke(user=member(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def refuse_unless_valid(form: BaseForm) -> None:
    """Say in the API's way what a page's form has against it."""
    if form.errors:
        raise serializers.ValidationError(
            {field: [str(message) for message in messages] for field, messages in form.errors.items()}
        )


def _as_it_is(profile: Profile) -> dict[str, Any]:
    """Return a profile as the form would send it unchanged."""
    shown = OwnProfileSerializer(profile).data
    return {name: shown[name] for name in (*ProfileForm.Meta.fields, "place", "languages")}


def _preference(user: User, purpose: str) -> Preference:
    """Return one purpose of a person, saved or not yet."""
    for preference in purposes.of(user=user):
        if preference.purpose == purpose:
            return preference
    raise Http404
