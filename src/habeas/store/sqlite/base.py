"""Django's SQLite backend, with the write gate around every outermost transaction."""

from __future__ import annotations

from typing import Any

from django.db.backends.sqlite3 import base

from habeas.store.gate import WriteGate, gate_for


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate: WriteGate | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._enter_gate()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave_gate()
            raise

    def _commit(self) -> Any:
        result = super()._commit()
        self._leave_gate()  # only once it is durable; a failed commit leaves through the rollback
        return result

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._leave_gate()

    def _close(self) -> Any:
        try:
            return super()._close()
        finally:
            self._leave_gate()

    def _enter_gate(self) -> None:
        if self._gate is None and not self.is_in_memory_db():
            gate = gate_for(str(self.settings_dict["NAME"]))
            gate.acquire()
            self._gate = gate

    def _leave_gate(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.release()
