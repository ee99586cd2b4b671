"""Simulated telephones for the demo call, the tests and the benchmarks: real SIP and real sound, by SIPp.

`scenario` writes what a caller or an agent does as SIPp scenarios, `sipp` runs them, `demo` tells a call's way.
"""
