"Mistakes as a model: an answer is a chain of stages, and its fault is that of the chain that gives the same results"
# A stage is a list of `Form`s: ways to do it, right or wrong, each written once. A chain takes one form of each stage.
# What a learner wrote is looked for among all chains, those with the fewest wrong forms first, so that two mistakes at
# once are named together.
from collections import namedtuple
from collections.abc import Mapping
from itertools import combinations,product

Form = namedtuple('Form', 'do wrong', defaults=[''])
Form.__doc__ = "A way to do a stage: `do`, a function, and the sentence that says what is `wrong` with it, if it is"

MOST_WRONG = 2 # So many mistakes at once are looked for

def right(*ways): return [Form(o) for o in ways]
def wrong(sentence, *ways): return [Form(o, sentence) for o in ways]

def stage(
    *ways # Functions that are right, tuples of a sentence and functions with that mistake, and lists of `Form`s
):
    "All forms of a stage"
    def forms(o): return o if isinstance(o, list) else wrong(*o) if isinstance(o, tuple) else right(o)
    return [form for o in ways for form in forms(o)]

def wholes(*ways):
    "Mistakes that fit into no stage, as causes for `judge`: as in `stage`, but each is a whole function"
    return [(o.wrong, o.do) for o in stage(*ways)]

def with_wrong(stages, places):
    "Each choice of a form for every stage, wrong in these places and right in all others"
    return product(*([o for o in forms if bool(o.wrong)==(name in places)] for name,forms in stages.items()))

def chains(
    build, # Called with a function for each stage, by name; returns what a learner would have written
    stages:Mapping, # Name of each stage to its `Form`s, in the order in which their sentences are to be read
    most:int=MOST_WRONG, # How many wrong forms a chain may have
): # Yields pairs of the sentences and a wrong function, those with a single mistake first
    "All wrong chains, as causes for `judge`"
    for n in range(1, most+1):
        for places in combinations(stages, n):
            for forms in with_wrong(stages, places):
                sentences = dict.fromkeys(o.wrong for o in forms if o.wrong) # two may be the same
                yield tuple(sentences),build(**{name: o.do for name,o in zip(stages, forms)})
