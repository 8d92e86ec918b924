"""Deciding: what each store holds and what was agreed go in, what is to be done comes out.

Nothing in here reads, writes or asks the clock.
"""
