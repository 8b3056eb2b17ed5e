"What `check_setup` found, as a table, and the two ways in which a check ends before its end"
from collections import namedtuple
from textwrap import fill

WIDTH,INDENT = 130,38 # of a line of the table, and of what a long sentence goes on with

class Fault(Exception): "What is wrong, and what to do about it"
class NotChecked(Exception): "Why a check can't be made"

Row = namedtuple('Row', 'group check verdict text')
Row.__doc__ = "What a check found: its `verdict` is ok, wrong, not checked or, if asking raised an error, crashed"

class Report:
    "What `check_setup` found: a table in a terminal and in a notebook"
    def __init__(self,
        rows, # One `Row` for each check: a `group`, the name of the `check`, its `verdict` and a sentence of `text`
    ):
        self.rows = rows

    def named(self, verdict)->list: # Names such as `'metric: column'`
        "The checks with this verdict"
        return [f'{o.group}: {o.check}' for o in self.rows if o.verdict==verdict]

    @property
    def wrong(self)->list: # Names such as `'metric: column'`
        "The checks that found something wrong"
        return self.named('wrong')

    @property
    def crashed(self)->list: # Names such as `'metric: column'`
        "The checks that could not be made, as trying raised an error"
        return self.named('crashed')

    @property
    def ok(self)->bool: # Checks for which something wasn't given don't count against it
        "Is nothing wrong, and has no check crashed?"
        return not self.wrong and not self.crashed

    def headline(self)->str:
        "The result in a line"
        n,unasked = len(self.rows),len(self.named('not checked'))
        if self.wrong: text = f"{len(self.wrong)} of {n} checks found something wrong: {', '.join(self.wrong)}"
        else: text = f"{n-unasked-len(self.crashed)} checks, nothing wrong"
        if self.crashed: text += f"; {len(self.crashed)} crashed: {', '.join(self.crashed)}"
        return text + (f"; {unasked} not made" if unasked else '')

    def __repr__(self):
        def line(o):
            start = f'{o.group:9} {o.check:14} {o.verdict:12} '
            return fill(o.text, WIDTH, initial_indent=start, subsequent_indent=' '*INDENT)
        return '\n'.join([self.headline(), *map(line, self.rows)])

    def _repr_markdown_(self):
        def line(*cells): return f"| {' | '.join(cells)} |"
        rows = [line('', 'check', 'verdict', ''), line(*['---']*4)]
        for o in self.rows:
            verdict = f'**{o.verdict}**' if o.verdict in ('wrong','crashed') else o.verdict
            rows.append(line(o.group, o.check, verdict, o.text.replace('|', '\\|')))
        return f"**{self.headline()}**\n\n" + '\n'.join(rows)
