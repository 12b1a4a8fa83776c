"""Addresses, keys, certificates and proxies that are not quite right: each one clear sentence."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest

from chatmodes.providers.gateway import open_gateway
from chatmodes.providers.urls import check_url
from chatmodes.settings import ConfigError, home, load
from chatmodes.tui.backend import real_backend
from tests.fake import Fake
from tests.providers.available.list_server import ListServer
from tests.providers.calls import ask, endpoint

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("localhost:8080/v1", "has no scheme"),
        ("https://me:hunter2@host/v1", "user name or password"),
        ("ftp://host/v1", "not http or https"),
        ("http://", "names no host"),
        ("http://ho st/v1", "names no host"),
        ("http://host:99999/v1", "is no URL"),
        ("http://[::1/v1", "is no URL"),
        ("http://me:hunter2@[::1/v1", "is no URL"),
        ("https://me:hunter2@host:99999/v1", "is no URL"),
        ("https://me:hunter2/more@host/v1", "is no URL"),
        ("me:hunter2@host/v1?key=hunter2", "has no scheme"),
        ("ftp://host/v1?key=hunter2", "not http or https"),
        ("https:///v1#hunter2", "names no host"),
    ],
)
def test_an_address_that_cannot_be_used_is_turned_down(url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as raised:
        check_url(url)
    assert raised.value.hint
    assert "hunter2" not in str(raised.value) + raised.value.hint


@pytest.mark.parametrize(
    ("url", "base", "note"),
    [
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1", ""),
        (" https://host/v1 ", "https://host/v1", ""),
        ("https://host/v1/chat/completions", "https://host/v1", "/chat/completions"),
        ("https://host/v1/models/", "https://host/v1", "/models"),
        ("https://host/v1?key=1", "https://host/v1", "after ?"),
        ("http://example.org/v1", "http://example.org/v1", "plain http"),
        ("http://192.168.1.5:11434/v1", "http://192.168.1.5:11434/v1", ""),
    ],
)
def test_an_address_is_tidied_and_what_is_odd_is_noted(url: str, base: str, note: str) -> None:
    found, notes = check_url(url)
    assert found == base
    assert [note in n for n in notes] == ([True] if note else [])


@pytest.mark.parametrize("key", ["two\nlines", "schlüssel", "with space", ""])
async def test_a_key_that_cannot_be_sent_is_turned_down(fake: Fake, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key or " ")
    async with open_gateway(load()) as gateway:
        told = await ask(gateway, "openai/gpt-6-luna")
    assert told.outcome == "auth"
    assert told.error
    assert "OPENAI_API_KEY" in told.error.message
    assert key.strip() not in told.error.message or not key
    if key:
        with pytest.raises(ConfigError):
            async with open_gateway(load(), fake.url, key):
                pass


async def test_without_a_key_it_says_where_to_get_one() -> None:
    async with open_gateway(load()) as gateway:
        told = await ask(gateway, "openai/gpt-6-luna")
    assert told.error
    assert told.outcome == "auth"
    assert "OPENAI_API_KEY" in told.error.hint


@pytest.mark.parametrize("model", ["nobody/model", "gpt-6-luna", "openai/"])
async def test_a_model_of_no_provider_is_not_found(model: str) -> None:
    async with open_gateway(load()) as gateway:
        told = await ask(gateway, model)
    assert told.outcome == "not_found"
    assert told.error
    assert "/" in told.error.hint


async def test_nothing_listens_there() -> None:
    async with open_gateway(load(), "http://127.0.0.1:9/v1") as gateway:
        told = await ask(gateway, "endpoint/m")
    assert told.error
    assert (told.error.kind, told.error.message) == ("network", "Nothing answers at http://127.0.0.1:9.")


async def test_the_host_does_not_exist() -> None:
    async with open_gateway(load(), "http://no-such-host.invalid/v1") as gateway:
        told = await ask(gateway, "endpoint/m")
    assert told.outcome == "network"
    assert told.error
    assert "no-such-host.invalid cannot be found" in told.error.message


@pytest.mark.parametrize(("variable", "value"), [("HTTP_PROXY", "http://127.0.0.1:9"), ("ALL_PROXY", "nonsense://x")])
async def test_a_proxy_variable_that_points_nowhere(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    async with open_gateway(load(), "http://example.org/v1") as gateway:
        told = await ask(gateway, "endpoint/m")
    assert told.outcome == "network"
    assert told.error
    assert "proxy" in told.error.message.lower()
    assert variable in told.error.message + told.error.hint


async def test_a_proxy_is_not_asked_for_this_machine(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with endpoint(fake) as gateway:
        assert (await ask(gateway, "endpoint/echo")).outcome == "stop"


async def test_a_self_signed_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, context = self_signed(tmp_path)
    with Fake(tls=context) as fake:
        async with open_gateway(load(), fake.url) as gateway:
            told = await ask(gateway, "endpoint/echo")
        assert told.outcome == "network"
        assert told.error
        assert "certificate" in told.error.message
        assert "SSL_CERT_FILE" in told.error.hint

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with open_gateway(load(), fake.url) as gateway:
            assert (await ask(gateway, "endpoint/echo")).outcome == "stop", "the hint helps"


async def test_https_where_there_is_plain_http(fake: Fake) -> None:
    async with open_gateway(load(), fake.url.replace("http:", "https:")) as gateway:
        told = await ask(gateway, "endpoint/echo")
    assert told.outcome == "network"
    assert told.error
    assert "TLS" in told.error.message


async def test_a_conversation_of_5_mb_is_sent(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/say:ok", "x" * 5_000_000)
    assert told.text == "ok"
    assert len(fake.chats[0].question) == 5_000_000


async def test_without_a_model_an_endpoint_is_asked_what_it_serves(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        assert gateway.default_model("instant") == "endpoint/"
        assert (await ask(gateway, gateway.default_model("instant"))).outcome == "stop"
    assert fake.chats[0].model == "echo"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[mine\n", "not valid TOML"),
        ("[mine]\nname = 'Mine'\n", "no base_url"),
        ("[openai]\nbase_urll = 'x'\n", "base_urll"),
        ("[openai.models]\n'gpt*' = { sampling = 'no' }\n", "sampling"),
        ("[openai.defaults]\neffort = 3\n", "effort"),
        ("openai = 3\n", "outside a provider's table"),
        ("[My_Provider]\nbase_url = 'https://host'\n", "no name for a provider"),
    ],
)
def test_a_bad_providers_file_is_named(text: str, says: str) -> None:
    from chatmodes.providers.known.profiles import load_profiles

    path = home("config") / "providers.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(ConfigError, match=says) as raised:
        load_profiles()
    assert str(path) in str(raised.value)


def test_the_users_file_adds_and_overrides() -> None:
    from chatmodes.providers.known.profiles import load_profiles

    path = home("config") / "providers.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "[mine]\nbase_url = 'https://host/v1'\n[openai]\nconcurrency = 2\n"
        "[openai.models]\n'gpt-6*' = { context_window = 7 }\n[anthropic.defaults]\non = { x = 1 }\n"
    )
    profiles = load_profiles()
    assert profiles["mine"].name == "mine"
    assert profiles["openai"].concurrency == 2
    assert profiles["openai"].traits("gpt-6-luna").context_window == 7
    assert profiles["openai"].traits("gpt-6-luna").system_role == "developer", "the rest stays"
    assert profiles["anthropic"].defaults.on == {"x": 1}


async def test_the_default_model_is_the_first_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_gateway(load()) as gateway:
        assert gateway.default_model("instant") == "local/SmolLM2-135M-Instruct"
        monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
        assert gateway.default_model("instant") == "anthropic/claude-haiku-5-5"
        assert gateway.default_model("thinking") == "anthropic/claude-opus-5-5"
        monkeypatch.setenv("MODEL_API_KEY", "k")
        assert gateway.default_model("contemplating") == "meta/muse-spark-1.3"
    async with open_gateway(load({"model": "ollama/qwen3"})) as gateway:
        assert gateway.default_model("instant") == "ollama/qwen3"


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_screen_and_command_line_take_the_same_model(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "with space")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    for base_url, model in ((fake.url, "endpoint/"), (None, "anthropic/claude-haiku-5-5")):
        async with open_gateway(load(), base_url) as gateway, real_backend(load(), base_url) as backend:
            assert gateway.default_model("instant") == backend.choose("instant") == model
            assert ("OPENAI_API_KEY has a space" in "".join(gateway.notes)) is (base_url is None)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_what_the_picker_learns_of_a_model_is_what_it_is_described_by() -> None:
    with ListServer() as server:
        server.answers["/v1/models"] = 200, {"data": [{"id": "m", "context_length": 4242}]}
        async with real_backend(load(), f"{server.origin}/v1") as backend:
            await backend.catalog.refresh(["endpoint"], max_age=0.0)
            assert backend.models.describe("endpoint/m").context_window == 4242


async def test_a_running_server_is_the_default_before_the_embedded_model(fake: Fake, home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(f'[lmstudio]\nbase_url = "{fake.url}"\n')
    async with open_gateway(load()) as gateway:
        assert gateway.default_model("instant").startswith("lmstudio/")
    async with open_gateway(load({"model": "local/mine"})) as gateway:
        assert gateway.default_model("instant") == "local/mine"


def self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = folder / "cert.pem", folder / "key.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    return path, context


async def test_an_endpoint_whose_list_has_no_bottom_asks_for_a_name() -> None:
    with ListServer() as server:
        server.answers["/v1/models"] = 200, b"[" * 9000
        async with open_gateway(load(), f"{server.origin}/v1") as gateway:
            told = await ask(gateway, "endpoint/")
    assert told.error
    assert "--model" in told.error.hint
