"The checks in their order, each with what it needs, and how they are made"
from dataclasses import dataclass
from typing import Callable
from .probes import hint
from .report import Fault,NotChecked,Row

PREDICTIONS = 'predictions' # What a check may need besides other checks

@dataclass
class Check:
    "A question to a set-up"
    group:str
    name:str
    needs:tuple    # Checks that must not have failed
    rest:tuple     # Checks without which only its first half is asked: it calls `go_on` in between
    always:bool    # Is it asked where nothing can be read?
    ask:Callable   # Called with a `Setup`; returns what it saw, or raises `Fault` or `NotChecked`

    @property
    def key(self): return f'{self.group}: {self.name}'

CHECKS = {}

def check(group, name, needs=(), rest=(), always=False):
    "Keep a function of a `Setup` as a check. It must come after all that it needs."
    def keep(f):
        missing = [o for o in (*needs,*rest) if o!=PREDICTIONS and o not in CHECKS]
        if missing: raise ValueError(f"'{group}: {name}' needs {missing}, which come later")
        c = Check(group, name, tuple(needs), tuple(rest), always, f)
        CHECKS[c.key] = c
        return f
    return keep

def graph()->str:
    "The checks in their order, a line for each, with what it needs"
    def line(c):
        half = f"; to go on, {', '.join(c.rest)}" if c.rest else ''
        return f"{c.key:24} {', '.join(c.needs) or 'nothing'}{half}"
    return '\n'.join(map(line, CHECKS.values()))

class Waiting(NotChecked):
    "Not checked until another check finds nothing wrong"
    def __init__(self, first, text=''):
        super().__init__(text or f"First mend '{first}'.")
        self.first = first

def blocker(s, c, needs):
    "The check that has to be mended before this one can be made, or `None`"
    found = (s.blocked.get(o) for o in needs)
    return next((o for o in found if o and o!=c.key), None)

def unmet(s, c):
    "Raise `Waiting` or `NotChecked` if something that a check needs isn't there"
    if s.trouble and not c.always: raise Waiting('data: batches')
    if first := blocker(s, c, c.needs): raise Waiting(first)
    if PREDICTIONS in c.needs and s.probe is None:
        raise NotChecked("There are no predictions to try it on, or the targets are no labels.")

def verdict(s, c):
    "Make a check: its row. Keeps in `s.blocked` what has to be mended before others that need it."
    s.unmet = blocker(s, c, c.rest)
    try:
        unmet(s, c)
        return Row(c.group, c.name, 'ok', c.ask(s))
    except Waiting as e:
        s.blocked[c.key] = e.first
        return Row(c.group, c.name, 'not checked', str(e))
    except NotChecked as e: return Row(c.group, c.name, 'not checked', str(e))
    except Fault as e: res = Row(c.group, c.name, 'wrong', str(e))
    except Exception as e: res = Row(c.group, c.name, 'crashed', f"Trying it raises {hint(e)}")
    s.blocked[c.key] = c.key
    return res

def go_on(s):
    "Before the second half of a check: raises `NotChecked` if one of its `rest` has to be mended first"
    if s.unmet: raise NotChecked(f"First mend '{s.unmet}'.")
