from pathlib import Path

import pytest
from django.test import override_settings

from weiquan.launcher.prepare import collect_static

MANIFEST = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


def test_every_static_file_can_be_hashed_and_is_collected_only_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "Collecting the style sheets and scripts …\n"
    with override_settings(STORAGES=MANIFEST, STATIC_ROOT=tmp_path, DEBUG=False):
        collect_static()
        assert capsys.readouterr().out == said
        collect_static()
        assert capsys.readouterr().out == ""

        (tmp_path / ".collected").write_text("of another state")
        collect_static()
        assert capsys.readouterr().out == said

    assert (tmp_path / "staticfiles.json").exists()
    assert list(tmp_path.glob("css/weiquan.*.css.gz"))
