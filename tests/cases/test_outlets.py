"""Ways out: which addresses are allowed, what each kind is told, and what comes of an answer, a silence, a refusal."""

import base64
import datetime
import hashlib
import hmac
import json
import logging
import socket
import ssl
import threading
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cases.choices import OutletKind
from cases.models import Outlet
from cases.outlets import (
    AddressRefused,
    Message,
    NotSent,
    check_address,
    in_words,
    mask_address,
    send,
    senders,
)
from tests.cases.endpoints import Endpoint
from tests.cast import MONDAY

MESSAGE = Message(
    id="delivery-7", subject="维权系统提醒：期限将到", text="编号鲁妇访〔2026〕7号", to="13900000009"
)
SECRET = "a-secret-of-both-sides"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec33e42542f8dd0e5ab2"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/5c3a91f6-0001-4bc4-97a0-0ec2d1fa5aaa"


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture(autouse=True)
def at_home(settings):
    settings.OUTLETS_ALLOW_PRIVATE = True


def outlet_of(kind, address, secret=""):
    return Outlet(kind=kind, name="test", address=address, secret=secret, made_at=MONDAY)


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (OutletKind.WECOM, WECOM),
        (OutletKind.DINGTALK, DINGTALK),
        (OutletKind.FEISHU, FEISHU),
        (OutletKind.FEISHU, FEISHU + "/"),
        (OutletKind.MAIL, "weiquan@lushan.example.cn"),
        (OutletKind.WEBHOOK, "https://93.184.215.14/hook?key=1"),
        (OutletKind.SMS, "https://[2606:4700:4700::1111]:8443/sms"),
        (OutletKind.WEBHOOK, "https://known.to.the.proxy.invalid/hook"),
    ],
)
def test_an_address_on_the_open_net_is_taken(settings, kind, address):
    settings.OUTLETS_ALLOW_PRIVATE = False

    check_address(kind, address)


@pytest.mark.parametrize(
    "address",
    [
        *("https://127.0.0.1/hook", "https://localhost/hook", "https://[::1]/hook", "https://0.0.0.0/hook"),
        *("https://10.1.2.3/hook", "https://192.168.0.9/hook", "https://172.16.5.4/hook"),
        *("https://169.254.169.254/latest", "https://[fe80::1]/hook", "https://[fd00::1]/hook"),
        *(
            "https://[::ffff:127.0.0.1]/hook",
            "https://2130706433/hook",
            "https://0x7f.1/hook",
            "https://127.1/",
        ),
        *("https://100.64.0.1/hook", "https://224.0.0.1/hook"),
    ],
)
@pytest.mark.parametrize("kind", [OutletKind.WEBHOOK, OutletKind.SMS])
def test_an_address_inside_is_refused(settings, kind, address):
    settings.OUTLETS_ALLOW_PRIVATE = False

    with pytest.raises(AddressRefused, match="OUTLETS_ALLOW_PRIVATE"):
        check_address(kind, address)


@pytest.mark.parametrize(
    "address", ["https://10.1.2.3/hook", "http://127.0.0.1:8025/sms", "http://[::1]/sms"]
)
def test_an_intranet_may_allow_its_own(address):
    check_address(OutletKind.SMS, address)


@pytest.mark.parametrize(
    "address",
    [
        *("http://93.184.215.14/hook", "http://10.1.2.3/hook", "http://known.to.the.proxy.invalid/hook"),
        *(
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
            "//example.org/",
            "example.org",
            "",
        ),
        *("https:///hook", "https://user:word@93.184.215.14/", "https://93.184.215.14/#part"),
        *(
            "https://93.184.215.14:99999/",
            "https://[::1/",
            "https://93.184.215.14/a b",
            "https://93.184.215.14/\r\nX: y",
        ),
    ],
)
def test_what_is_no_safe_web_address_is_refused_everywhere(address):
    with pytest.raises(AddressRefused):
        check_address(OutletKind.WEBHOOK, address)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (OutletKind.WECOM, DINGTALK),
        (OutletKind.WECOM, WECOM.replace("https", "http")),
        (OutletKind.WECOM, WECOM.replace("qq.com", "qq.com.evil.example")),
        (OutletKind.WECOM, WECOM.replace("qq.com", "qq.com:8443")),
        (OutletKind.WECOM, WECOM.replace("https://", "https://a@")),
        (OutletKind.WECOM, WECOM.partition("=")[0]),
        (OutletKind.WECOM, WECOM.replace("send", "other")),
        (OutletKind.DINGTALK, DINGTALK + "%26x=1"),
        (OutletKind.FEISHU, FEISHU + "/../other"),
        (OutletKind.FEISHU, "https://open.feishu.cn/other"),
        (OutletKind.MAIL, "nobody"),
        (OutletKind.MAIL, "a@example.org\nBcc: b@example.org"),
    ],
)
def test_a_robot_and_a_mailbox_live_where_they_live(kind, address):
    with pytest.raises(AddressRefused):
        check_address(kind, address)


def test_a_stored_address_is_shown_masked():
    assert mask_address(OutletKind.WECOM, WECOM) == "https://qyapi.weixin.qq.com/••••5aaa"
    assert mask_address(OutletKind.MAIL, "weiquan@example.cn") == "w••••@example.cn"


# -- webhook and text messages --------------------------------------------------------------------


def test_a_webhook_gets_title_text_and_id(endpoint):
    send(outlet_of(OutletKind.WEBHOOK, endpoint.url + "?room=7", SECRET), MESSAGE)

    ((_, body, headers, _, path, command),) = endpoint.requests
    assert (command, path, headers["Authorization"]) == ("POST", "/notify?room=7", f"Bearer {SECRET}")
    assert (body["title"], body["message"], body["id"]) == (MESSAGE.subject, MESSAGE.text, MESSAGE.id)


def test_a_gateway_gets_a_signed_text_message(endpoint):
    send(outlet_of(OutletKind.SMS, endpoint.url, SECRET), MESSAGE)

    ((_, body, headers, raw, *_),) = endpoint.requests
    assert body == {"id": MESSAGE.id, "to": MESSAGE.to, "text": MESSAGE.text}
    assert headers["Idempotency-Key"] == MESSAGE.id
    moment = headers["X-Weiquan-Timestamp"]
    assert abs(int(moment) - time.time()) < 60
    signature = hmac.new(SECRET.encode(), moment.encode() + b"." + raw, hashlib.sha256).hexdigest()
    assert headers["X-Weiquan-Signature"] == f"sha256={signature}"


BOTH = pytest.mark.parametrize("kind", [OutletKind.WEBHOOK, OutletKind.SMS])


@BOTH
@pytest.mark.parametrize(
    ("mood", "reason", "way_down"),
    [
        *((500, "HTTP 500", True), (503, "HTTP 503", True), (401, "HTTP 401", True), (429, "HTTP 429", True)),
        *((400, "HTTP 400", False), (422, "HTTP 422", False), ("reset", "ConnectionError", True)),
    ],
)
def test_what_was_not_taken_is_told_by_class_or_status(endpoint, kind, mood, reason, way_down):
    endpoint.mood = mood

    with pytest.raises(NotSent) as told:
        send(outlet_of(kind, endpoint.url, SECRET), MESSAGE)

    assert (told.value.reason, told.value.way_down) == (reason, way_down)


@BOTH
def test_a_redirect_is_not_followed(endpoint, kind):
    endpoint.mood = "moved"

    with pytest.raises(NotSent, match="HTTP 307"):
        send(outlet_of(kind, endpoint.url, SECRET), MESSAGE)

    assert len(endpoint.requests) == 1


@BOTH
@pytest.mark.parametrize("mood", ["hang", "drip"])
def test_a_far_side_that_does_not_finish_is_left_alone(endpoint, kind, mood, monkeypatch):
    monkeypatch.setattr(senders, "TIMEOUT", 1.0)
    endpoint.mood, begun = mood, time.monotonic()

    with pytest.raises(NotSent, match="TimeoutError"):
        send(outlet_of(kind, endpoint.url, SECRET), MESSAGE)

    assert time.monotonic() - begun < 4


@BOTH
def test_where_nothing_listens(endpoint, kind):
    endpoint.close()

    with pytest.raises(NotSent, match="ConnectionError"):
        send(outlet_of(kind, endpoint.url, SECRET), MESSAGE)


def test_an_address_that_became_private_is_not_spoken_to(endpoint, settings):
    settings.OUTLETS_ALLOW_PRIVATE = False

    with pytest.raises(NotSent, match="AddressRefused"):
        send(outlet_of(OutletKind.WEBHOOK, endpoint.url), MESSAGE)

    assert endpoint.requests == []


# -- robots ---------------------------------------------------------------------------------------


class Product:
    """The proxy of an intranet, at whose end the robots' products answer: TLS with a certificate the tests trust."""

    def __init__(self, folder, hosts):
        self.answer, self.asked, self.requests = {"errcode": 0, "code": 0}, [], []
        self.certificate = self._certificate(folder, hosts)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self.certificate, folder / "key.pem")
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    @staticmethod
    def _certificate(folder, hosts):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "robots")])
        day = datetime.timedelta(days=1)
        today = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(today - day)
            .not_valid_after(today + day)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        plain = serialization.NoEncryption()
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
        (folder / "certificate.pem").write_bytes(made.public_bytes(pem))
        return folder / "certificate.pem"

    def _serve(self):
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            with suppress(OSError):
                self._answer(plain)

    def _answer(self, plain):
        self.asked.append(plain.recv(4096).split()[1].decode())
        plain.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with self._tls.wrap_socket(plain, server_side=True) as far:
            file = far.makefile("rb")
            path = file.readline().split()[1].decode()
            length = 0
            while (line := file.readline()) != b"\r\n":
                name, _, value = line.decode().partition(":")
                length = int(value) if name.lower() == "content-length" else length
            self.requests.append((urlsplit(path), json.loads(file.read(length))))
            said = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
            far.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(said), said)
            )

    def close(self):
        self._socket.close()


@pytest.fixture
def product(tmp_path, monkeypatch):
    product = Product(tmp_path, ["qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn"])
    monkeypatch.setenv("HTTPS_PROXY", product.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(product.certificate))
    yield product
    product.close()


def signature(key, text):
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()


def test_a_wecom_robot_through_the_proxy(product):
    send(outlet_of(OutletKind.WECOM, WECOM), MESSAGE)

    ((path, body),) = product.requests
    assert product.asked == ["qyapi.weixin.qq.com:443"]
    assert (path.path, path.query) == ("/cgi-bin/webhook/send", WECOM.partition("?")[2])
    assert body == {"msgtype": "text", "text": {"content": MESSAGE.text}}


@pytest.mark.parametrize("secret", ["", "SEC0123456789abcdef"])
def test_a_dingtalk_robot_signed_or_not(product, secret):
    send(outlet_of(OutletKind.DINGTALK, DINGTALK, secret), MESSAGE)

    ((path, body),) = product.requests
    asked = {name: value for name, (value,) in parse_qs(path.query).items()}
    assert product.asked == ["oapi.dingtalk.com:443"]
    assert asked.pop("access_token") == DINGTALK.rpartition("=")[2]
    assert body == {"msgtype": "text", "text": {"content": MESSAGE.text}}
    if secret:
        moment = asked.pop("timestamp")
        assert abs(int(moment) / 1000 - time.time()) < 60
        assert asked.pop("sign") == signature(secret, f"{moment}\n{secret}")
    assert asked == {}


@pytest.mark.parametrize("secret", ["", "feishu-secret"])
def test_a_feishu_robot_signed_or_not(product, secret):
    send(outlet_of(OutletKind.FEISHU, FEISHU, secret), MESSAGE)

    ((path, body),) = product.requests
    assert product.asked == ["open.feishu.cn:443"]
    assert path.path.rstrip("/") == urlsplit(FEISHU).path
    if secret:
        moment = body.pop("timestamp")
        assert abs(int(moment) - time.time()) < 60
        assert body.pop("sign") == signature(f"{moment}\n{secret}", "")
    assert body == {"msg_type": "text", "content": {"text": MESSAGE.text}}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, "Code 93000"),
        ({"errcode": "x"}, "BadAnswer"),
        ({}, "BadAnswer"),
        ([], "BadAnswer"),
        (b"<html>", "BadAnswer"),
    ],
)
def test_a_robot_that_answers_200_and_means_no(product, answer, reason):
    product.answer = answer

    with pytest.raises(NotSent, match=reason):
        send(outlet_of(OutletKind.WECOM, WECOM), MESSAGE)


def test_a_product_with_another_certificate_is_not_told_anything(product, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")

    with pytest.raises(NotSent, match="SSLError"):
        send(outlet_of(OutletKind.WECOM, WECOM), MESSAGE)

    assert product.requests == []


class Said(logging.Handler):
    """What the handlers of an installation would write, and no more: caplog also listens where nobody writes."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def log():
    root, said = logging.getLogger(), Said()
    before = root.level
    root.addHandler(said)
    root.setLevel(logging.DEBUG)
    yield said.lines
    root.setLevel(before)
    root.removeHandler(said)


@BOTH
@pytest.mark.parametrize("mood", [200, 500, "reset"])
@pytest.mark.parametrize("level", [logging.WARNING, logging.DEBUG])
def test_nothing_of_address_secret_or_content_is_logged(endpoint, kind, mood, level, log, monkeypatch):
    monkeypatch.setattr(logging.getLogger("apprise"), "level", level)
    endpoint.mood = mood
    outlet = outlet_of(kind, endpoint.url + "/k3y-in-the-path", SECRET)

    with suppress(NotSent):
        send(outlet, MESSAGE)
    logging.getLogger().debug("this is heard")

    assert log == ["this is heard"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("", ""),
        ("HTTP 502", "对方返回 HTTP 502"),
        ("SMTP 451", "邮件服务器返回 451"),
        ("Code 93000", "对方返回错误码 93000"),
        ("ReadTimeout", "对方没有按时答复"),
        ("SomethingNew", "发送出错（SomethingNew）"),
    ],
)
def test_reasons_read_as_words(error, words):
    assert in_words(error) == words
