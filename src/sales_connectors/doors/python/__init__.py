"""The door of Python programs: a component over a connection as an object with methods."""
