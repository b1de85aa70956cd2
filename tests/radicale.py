"""A real CalDAV server on loopback, with the demo staff's calendars, made anew when asked."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import httpx

from assistant.backends.demo_calendar import DEMO_TEAMS, HOLIDAYS
from assistant.backends.staff_file import StaffFile
from tests.servers import free_port

USER, PASSWORD_ENV, PASSWORD = "heidi", "TEST_CALDAV_PASSWORD", "caldav secret"
DEAD_PORT_TIMEOUT_S = 20.0


class Radicale:
    """One server and its folder."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        users = folder / "users"
        users.write_text(f"{USER}:{PASSWORD}\n")
        config = folder / "config"
        config.write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            f"[auth]\ntype = htpasswd\nhtpasswd_filename = {users}\nhtpasswd_encryption = plain\n"
            f"delay = 0\n[storage]\nfilesystem_folder = {folder / 'collections'}\n"
            "[logging]\nlevel = error\n"
        )
        self.client = httpx.Client(base_url=self.url, auth=(USER, PASSWORD), timeout=10)
        self._command = [sys.executable, "-m", "radicale", "--config", str(config)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + DEAD_PORT_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.client.get("/")
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise RuntimeError("radicale does not answer")

    def stop(self) -> None:
        """Stop it; its data stays."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def empty(self) -> None:
        """Make every calendar anew."""
        for host in (host for team in DEMO_TEAMS for host in team.hosts):
            self.client.delete(f"/{USER}/{host.id}/")
            made = self.client.request("MKCALENDAR", f"/{USER}/{host.id}/")
            assert made.status_code == 201, made.text

    def events(self, host_id: str) -> dict[str, str]:
        """Contents of a calendar by file name."""
        found = self.client.request("PROPFIND", f"/{USER}/{host_id}/", headers={"Depth": "1"})
        names = [part.split("</href>")[0] for part in found.text.split("<href>")[1:]]
        paths = {name for name in names if name.endswith(".ics")}
        return {
            unquote(path.rsplit("/", 1)[1]): self.client.get(path).text for path in sorted(paths)
        }

    def put(self, host_id: str, name: str, content: str) -> None:
        """Write an event as its owner's calendar program does."""
        response = self.client.put(f"/{USER}/{host_id}/{name}", content=content)
        assert response.is_success, response.text

    def staff(self) -> StaffFile:
        """The demo staff, with calendars here."""
        years = range(2026, 2029)
        return StaffFile.model_validate(
            {
                "caldav": {"url": self.url, "username": USER, "password_env": PASSWORD_ENV},
                "holidays": {
                    f"{year}-{month:02}-{day:02}": name
                    for year in years
                    for month, day, name in HOLIDAYS
                },
                "teams": [
                    {
                        "id": team.id,
                        "name": team.name,
                        "meeting_title": team.meeting_title,
                        "hosts": [
                            {
                                "id": host.id,
                                "name": host.name,
                                "timezone": host.timezone,
                                "buffer_minutes": host.buffer_minutes,
                                "calendar": f"/{USER}/{host.id}/",
                                "hours": [
                                    {
                                        "days": ["mon", "tue", "wed", "thu", "fri"],
                                        "opens": host.opens.isoformat(),
                                        "closes": host.closes.isoformat(),
                                    }
                                ],
                            }
                            for host in team.hosts
                        ],
                    }
                    for team in DEMO_TEAMS
                ],
            }
        )


def is_installed() -> bool:
    """Whether the server and the library that talks to it are there."""
    try:
        import caldav  # noqa: F401
        import radicale  # noqa: F401
    except ImportError:
        return False
    return True
