"""`bank.corrections`: what users had to correct."""

from __future__ import annotations

from memorybank.facade.corrections.keeping import Keeping
from memorybank.facade.corrections.labelling import Labelling
from memorybank.facade.corrections.mining import MiningMethods
from memorybank.facade.corrections.predicting import Predicting
from memorybank.facade.corrections.retrieval import Retrieval
from memorybank.facade.corrections.scheduling import Scheduling
from memorybank.facade.face import Face


class Corrections(MiningMethods, Keeping, Labelling, Predicting, Retrieval, Scheduling):
    """Corrections, from session logs to records.

    `mine`, `status`, `list`, `show`, `why`, `propose`, `accept`, `drop`, `pin`, `tier`; for who asks `load`, `search`,
    `decay`; `label`, `fit`, `timer`.
    """

    __slots__ = ()


class CorrectionMethods(Face):
    """The corrections of a bank."""

    __slots__ = ()

    @property
    def corrections(self) -> Corrections:
        """What users had to correct, see `Corrections`."""
        return Corrections(self._folder, self._caller)
