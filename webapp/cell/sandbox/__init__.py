"""The sandbox tests artifacts in a process that may crash, before the service itself loads them.

It has no face: the child process (process.py) must not import what the service's side (sandbox.py) needs.
"""
