"""`bank.bundles`: one file that brings the memory to a machine without git or a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memorybank.facade.face import Face

if TYPE_CHECKING:
    from memorybank.team.bundles.applying import AppliedBundle, BundleContent
    from memorybank.team.bundles.making import MadeBundle
    from memorybank.team.bundles.signing import Keys


class Bundles(Face):
    """Bundles: `create`, `verify`, `apply`."""

    __slots__ = ()

    def create(
        self,
        file: Path | str,
        *,
        since: Path | str = "",
        sign: Path | str = "",
        shared_key: Path | str = "",
        overwrite: bool = False,
    ) -> MadeBundle:
        """Write a bundle of the files that travel, or of those that changed since the bundle `since`.

        `sign` is an SSH key, `shared_key` a file with a key that the receiver has, too. A file that looks like it has a
        secret is left out.

        Raises:
            ArtifactError: the file is there, and `overwrite` is not set.
            BundleError: `since` is no bundle.
            SignatureProgramError: ssh-keygen cannot sign.
        """
        from memorybank.team.bundles.making import create_bundle

        earlier = Path(since) if since else None
        keys = _keys(sign=sign, shared_key=shared_key)
        environ = self._caller.environ
        return create_bundle(
            self._folder, Path(file), self._way(), environ, since=earlier, keys=keys, overwrite=overwrite
        )

    def verify(self, file: Path | str, *, signers: Path | str = "", shared_key: Path | str = "") -> BundleContent:
        """Check that a bundle is whole; with `signers` or `shared_key` also that one of those keys signed it.

        Raises:
            BundleError: it is damaged, or not signed as asked.
        """
        from memorybank.team.bundles.applying import verify_bundle

        return verify_bundle(Path(file), _keys(signers=signers, shared_key=shared_key), self._caller.environ)

    def apply(self, file: Path | str, *, signers: Path | str = "", shared_key: Path | str = "") -> AppliedBundle:
        """Merge the files of a bundle into the bank, in one operation; applied again, nothing happens.

        Raises:
            BundleError: it is damaged, not signed as asked, or builds on a bundle that was not applied here.
            BankError: the write is refused; then no file is changed.
        """
        from memorybank.team.bundles.applying import apply_bundle

        keys = _keys(signers=signers, shared_key=shared_key)
        return apply_bundle(self._folder, Path(file), self._way(), self._caller.environ, keys)


class BundleMethods(Face):
    """The bundles of a bank."""

    __slots__ = ()

    @property
    def bundles(self) -> Bundles:
        """Bundles, see `Bundles`."""
        return Bundles(self._folder, self._caller)


def _keys(*, sign: Path | str = "", signers: Path | str = "", shared_key: Path | str = "") -> Keys:
    from memorybank.team.bundles.signing import Keys

    paths = [Path(each).expanduser() if each else None for each in (sign, signers, shared_key)]
    return Keys(*paths)
