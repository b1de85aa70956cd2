"""Pure heart of the assistant: values and functions of data, no I/O."""
