"""What somebody types into the forms of their own pages, and what those pages are made of."""

from html.parser import HTMLParser

from accounts.models import Purpose


def profile_form(**changes: object) -> dict[str, object]:
    return {"display_name": "Ada", "gender": "woman", "place": "Lisbon", "headline": "Reads", "bio": ""} | changes


def purposes_form(**changes: object) -> dict[str, object]:
    form: dict[str, object] = {}
    for purpose in Purpose:
        form |= {f"{purpose}-visibility": "everyone", f"{purpose}-youngest": 18, f"{purpose}-oldest": 99}
        form |= {f"{purpose}-reach": "anywhere", f"{purpose}-room": 5}
    return form | changes


class Page(HTMLParser):
    """Collects what the parts of a page are called and what describes them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.described_by: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.attributes |= set(found)
        self.ids += [found["id"]] if "id" in found else []
        self.described_by += found.get("aria-describedby", "").split()
        if tag == "label":
            self.labelled.add(found.get("for", ""))
        if tag in {"input", "select", "textarea"} and found.get("type") not in {"hidden", "submit"}:
            self.fields.append(found.get("id", ""))
