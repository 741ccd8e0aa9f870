"""Whether a passphrase is the published one."""

from pathlib import Path

import pytest

from stacks.passphrase import PUBLISHED, passphrase_is_known


def test_the_published_file_is_recognised_by_its_content(tmp_path: Path):
    copy = tmp_path / "copy"
    copy.write_text(PUBLISHED.read_text().strip())
    assert passphrase_is_known(tmp_path, "staging", {"PULUMI_CONFIG_PASSPHRASE_FILE": str(copy)})


def test_a_passphrase_given_directly_wins_as_it_does_for_pulumi(tmp_path: Path):
    environment = {"PULUMI_CONFIG_PASSPHRASE": "mine", "PULUMI_CONFIG_PASSPHRASE_FILE": str(PUBLISHED)}
    assert not passphrase_is_known(tmp_path, "staging", environment)


def test_a_stack_with_another_secrets_provider_does_not_use_it(tmp_path: Path):
    (tmp_path / "Pulumi.staging.yaml").write_text("secretsprovider: awskms://alias/mine\nencryptedkey: abc\n")
    assert not passphrase_is_known(tmp_path, "staging", {"PULUMI_CONFIG_PASSPHRASE_FILE": str(PUBLISHED)})


@pytest.mark.parametrize(
    "environment",
    [{"PULUMI_CONFIG_PASSPHRASE": ""}, {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": "mine"}, {}],
    ids=["empty", "empty before a file", "none that can be looked at"],
)
def test_everybody_guesses_an_empty_one(tmp_path: Path, environment: dict[str, str]):
    assert passphrase_is_known(tmp_path, "staging", environment)


def test_a_file_that_says_passphrase_names_no_other_provider(tmp_path: Path):
    (tmp_path / "Pulumi.staging.yaml").write_text("secretsprovider: passphrase\nencryptionsalt: v1:abc\n")
    assert passphrase_is_known(tmp_path, "staging", {"PULUMI_CONFIG_PASSPHRASE_FILE": str(PUBLISHED)})
    assert not passphrase_is_known(tmp_path, "staging", {"PULUMI_CONFIG_PASSPHRASE": "mine"})
