"""Whether a passphrase is the published one."""

from pathlib import Path

from stacks.passphrase import PUBLISHED, uses_published_passphrase


def test_the_published_file_is_recognised_by_its_content(tmp_path: Path):
    copy = tmp_path / "copy"
    copy.write_text(PUBLISHED.read_text().strip())
    assert uses_published_passphrase(tmp_path, "staging", {"PULUMI_CONFIG_PASSPHRASE_FILE": str(copy)})


def test_a_passphrase_given_directly_wins_as_it_does_for_pulumi(tmp_path: Path):
    environment = {"PULUMI_CONFIG_PASSPHRASE": "mine", "PULUMI_CONFIG_PASSPHRASE_FILE": str(PUBLISHED)}
    assert not uses_published_passphrase(tmp_path, "staging", environment)


def test_a_stack_with_another_secrets_provider_does_not_use_it(tmp_path: Path):
    (tmp_path / "Pulumi.staging.yaml").write_text("secretsprovider: awskms://alias/mine\nencryptedkey: abc\n")
    assert not uses_published_passphrase(tmp_path, "staging", {"PULUMI_CONFIG_PASSPHRASE_FILE": str(PUBLISHED)})
