"""The errors that Ostinato raises on purpose.

    OstinatoError                    everything below; catch this one to catch them all
      InputError (ValueError)        an argument or a value is wrong
        ShapeError (RuntimeError)    a tensor's shape is wrong; torch raises RuntimeError for these, so programs
                                     that catch torch's errors keep working
        DeviceError (RuntimeError)   tensors on different devices, likewise
        NotFiniteError               NaN or infinity where a number is needed
      DataError (ValueError)         a file or a row of it is wrong; names file, line, column
      ModelFileError                 a saved model is missing, damaged, or of another version
      BackendError (RuntimeError)    a backend was demanded that cannot run this; says why
      TrainingError (RuntimeError)   training cannot go on (the loss is NaN, say)

A message says: the value given, the value expected, the remedy, in that order.
"""


class OstinatoError(Exception):
    """Base of every error that Ostinato raises on purpose."""


class InputError(OstinatoError, ValueError):
    """An argument or a value is wrong."""


class ShapeError(InputError, RuntimeError):
    """A tensor's shape is wrong."""


class DeviceError(InputError, RuntimeError):
    """Tensors that must be on one device are on different ones."""


class NotFiniteError(InputError):
    """NaN or infinity where a number is needed."""


class DataError(OstinatoError, ValueError):
    """A file, or a row of it, is wrong. The message begins with the place: file, line, column."""


class ModelFileError(OstinatoError):
    """A saved model is missing, damaged, or written by another format version."""


class BackendError(OstinatoError, RuntimeError):
    """A backend was demanded that cannot run this case; the message says why."""


class TrainingError(OstinatoError, RuntimeError):
    """Training cannot go on."""
