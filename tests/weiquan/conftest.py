import base64
import json

import pytest
from django.db import connection

from tests.weiquan.sealing_models import MODELS


def make_ring(current, /, *names, **changes):
    """A ring of fixed keys: k1 and k3 are SM4-GCM, k2 is AES-256-GCM."""
    data = {
        "k1": {"suite": "SM4-GCM", "key": base64.b64encode(b"1" * 16).decode()},
        "k2": {"suite": "AES-256-GCM", "key": base64.b64encode(b"2" * 32).decode()},
        "k3": {"suite": "SM4-GCM", "key": base64.b64encode(b"3" * 16).decode()},
    }
    secrets = {name: base64.b64encode(name[:1].encode() * 32).decode() for name in ("index", "chain")}
    ring = {"current": current, "data": {name: data[name] for name in names or (current,)}, **secrets}
    return json.dumps({**ring, **changes})


@pytest.fixture
def keys(settings):
    settings.WEIQUAN_KEYS = make_ring("k1")


@pytest.fixture
def tables(db, keys):
    """The tables of sealing_models, gone again with the test's transaction."""
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)


@pytest.fixture
def committed_tables(transactional_db, keys):
    """The same, visible to other connections."""
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    yield
    with connection.schema_editor() as editor:
        for model in reversed(MODELS):
            editor.delete_model(model)
