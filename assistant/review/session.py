"""Owns the staff session: a signed cookie that names a staff member and wears out."""

from __future__ import annotations

import hmac

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from assistant.core.caller import StaffMember
from assistant.store.staff import Staff

COOKIE = "heidi_staff"
LIFETIME_S = 12 * 3600


class StaffSessions:
    """Opens, reads and closes staff sessions.

    Args:
        staff: who may sign in.
        secret: signs the cookie.
        is_secure: whether the cookie is for HTTPS only.
    """

    def __init__(self, staff: Staff, secret: str, *, is_secure: bool) -> None:
        self._staff = staff
        self._serializer = URLSafeTimedSerializer(secret, salt="heidi-staff-session")
        self._is_secure = is_secure

    async def sign_in(self, response: Response, *, email: str, password: str) -> bool:
        """Set the cookie if address and password fit; tells whether they do."""
        member = await self._staff.verify(email=email, password=password)
        if member is None:
            return False
        response.set_cookie(
            COOKIE,
            self._serializer.dumps([member.staff_id, await self._staff.stamp(member.staff_id)]),
            max_age=LIFETIME_S,
            path="/review",
            httponly=True,
            samesite="strict",
            secure=self._is_secure,
        )
        return True

    async def current(self, request: Request) -> StaffMember | None:
        """Who is signed in, if anyone, still active and with the same password."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        try:
            staff_id, stamp = self._serializer.loads(cookie, max_age=LIFETIME_S)
        except (BadSignature, ValueError, TypeError):
            return None
        # A new password ends the sessions that were opened with the old one.
        if not hmac.compare_digest(str(stamp), await self._staff.stamp(str(staff_id))):
            return None
        return await self._staff.get(str(staff_id))

    def sign_out(self, response: Response) -> None:
        """Forget the cookie."""
        response.delete_cookie(COOKIE, path="/review")
