"""What a visitor finds on a page: where it leads, and which forms it offers, read as a browser reads it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.leaks.markers import TYPED

LEADING = ("href", "action", "src", "formaction", "hx-get", "hx-post", "data-url")
BY_TYPE = {
    "date": "2026-11-20",
    "datetime-local": "2026-11-18T10:00",
    "time": "10:00",
    "month": "2026-11",
    "number": "3",
    "email": "somebody@example.org",
    "url": "https://93.184.215.14/x",
    "tel": "13800000000",
}
# The second time over: a day that has been, where the first one may still come.
PAST = {"date": "2026-11-18"}
# Text boxes that take no words.
BY_NAME = {"amount": "1200", "id_number": "410423198503121226", "phone": "13800000000"}


@dataclass
class Box:
    """One control of a form: its kind, its value, and what may be chosen in it."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    action: str
    method: str
    boxes: list[Box] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, *, last: bool = False) -> dict[str, list[str]]:
        """Everything filled in: words typed, the first choice taken, or the last one and nothing ticked."""
        typed: dict[str, list[str]] = {}
        for box in self.boxes:
            value = self._answer(box, last=last)
            if value is None:
                continue
            if box.kind in ("checkbox", "radio"):
                if box.kind == "checkbox":
                    typed.setdefault(box.name, []).append(value)
                elif last or box.name not in typed:
                    typed[box.name] = [value]
            else:
                typed.setdefault(box.name, []).append(value)
        return typed

    def _answer(self, box: Box, *, last: bool) -> str | None:
        match box.kind:
            case "hidden":
                return box.value
            case "checkbox":
                return None if last else box.value or "on"
            case "radio":
                return box.value or None
            case "select":
                chosen = [option for option in box.options if option]
                return chosen[-1 if last else 0] if chosen else None
            case "file" | "submit" | "button" | "image" | "reset":
                return None
        if box.kind in BY_TYPE:
            told = BY_TYPE | PAST if last else BY_TYPE
            return box.value or told[box.kind]
        return BY_NAME.get(box.name.rpartition("-")[2], TYPED)

    def emptied(self) -> dict[str, list[str]]:
        """What the page itself put in, and words in the first box only: most forms refuse that."""
        hidden = {box.name: [box.value] for box in self.boxes if box.kind == "hidden"}
        words = next((box for box in self.boxes if box.kind in ("text", "textarea", "search")), None)
        return hidden | ({words.name: [TYPED]} if words else {})


class Page(HTMLParser):
    """Read once: `title`, `links`, `addresses` (all that leads anywhere) and `forms`."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title, self.links, self.addresses, self.forms = "", [], [], []
        self._form: Form | None = None
        self._box: Box | None = None
        self._by_id: dict[str, Form] = {}
        self._in_title = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.addresses += [told[name] for name in LEADING if name in told]
        match tag:
            case "title":
                self._in_title = True
            case "a":
                self.links.append(told.get("href", ""))
            case "form":
                self._form = Form(told.get("action", ""), told.get("method", "get").lower())
                self.forms.append(self._form)
                self._by_id[told.get("id", "")] = self._form
            case "input" | "textarea" | "select" | "button":
                self._control(tag, told)
            case "option" if self._box is not None:
                self._box.options.append(told.get("value", ""))

    def _control(self, tag: str, told: dict[str, str]) -> None:
        form = self._by_id.get(told["form"]) if told.get("form") else self._form
        if form is None or "disabled" in told:
            return
        if tag == "button" or told.get("type") == "submit":
            if told.get("type", "submit") == "submit":
                form.buttons.append((told.get("name", ""), told.get("value", "")))
            return
        if not told.get("name"):
            return
        kind = told.get("type", "text") if tag == "input" else tag
        box = Box(told["name"], kind, told.get("value", ""))
        form.boxes.append(box)
        self._box = box if tag == "select" else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._box = None
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
