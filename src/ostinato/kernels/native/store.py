"""Packed weights that a layer keeps from one prediction to the next."""

from .library import library


class Store:
    """A place where the kernels leave a direction's packed weights, as large as the weights themselves.

    They are taken from there as long as the weights are the same numbers, which the kernels see for themselves. A copy
    of a store, a pickled one too, begins empty.
    """

    def __init__(self) -> None:
        self._free = library().ostinato_store_free  # bound now: at exit the module may be gone before this object
        self.address: int | None = library().ostinato_store()
        if self.address is None:
            raise MemoryError("no memory for packed weights: close something")

    def __reduce__(self) -> tuple[type["Store"], tuple[()]]:
        """An empty one, for copies and pickles."""
        return Store, ()

    def __del__(self) -> None:
        """Give the weights back."""
        if getattr(self, "address", None) is not None:
            self._free(self.address)
