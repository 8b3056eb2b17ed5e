"Questions about the metrics: each is asked all of them, and the first fault that it has is named"
import re
from functools import partial
import torch
from . import questions as q
from .loss import ASKED,in_place
from .probes import hint,name_of,number
from .registry import check
from .report import Fault,NotChecked

NO_ACCURACY = ('loss entropy nll mse mae squared absolute perplex f1 fbeta precision recall auc kappa matthews mcc '
    'jaccard dice top brier tpr sensitivity macro confidence ece rmse').split()
OTHERS = "on batches with another number of items, or other answers," # than the first
ERRORS = ('err','wrong','miss')

PARTS = dict(value=(q.one_number,q.in_range,q.remembers), column=(q.column,), threshold=(q.threshold,),
    broadcast=(q.compares_own,), count=(q.counts,))
FINE = dict(value="one number from 0 to 1.", column="perfect predictions score 1, wrong ones 0.",
    threshold="right by little is right.", broadcast="each answer is compared with its own label only.",
    count="it agrees with a count of the right answers.")

WORD = re.compile(r'[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*')

def words_of(name): return [o.lower() for o in WORD.findall(name)]

def is_error_rate(metric, f, p):
    "Does a metric count the wrong answers, by its name or, with many classes, by what `f`, the same, says?"
    words = words_of(name_of(metric))
    if any(o.startswith('acc') for o in words): return False
    if any(o.startswith(ERRORS) for o in words): return True
    n = len(p.classes)
    return n>2 and torch.equal(q.metric_table(f, p, q.SURE), 1-torch.eye(n))

def complement(metric): return lambda preds,y: 1-number(metric, preds, y)

def must_be_accuracy(metric, p):
    "Raise `NotChecked` if a metric is none, by its name"
    name = name_of(metric)
    listed = any(o in words_of(name) or len(o)>3 and o in name.lower() for o in NO_ACCURACY)
    listed = listed or 'multi' in name and p.n_out>1 or hasattr(metric, 'accumulate')
    if listed: raise NotChecked(f"{name} is no accuracy.")

def first_fault(metric, s):
    "A metric's first fault, as the name of a check and a sentence, or None. Raises `NotChecked` if it is no accuracy."
    p = s.probe
    must_be_accuracy(metric, p)
    try: number(metric, *p.batch(31))
    except Fault: pass # the first question will say so
    except Exception as e:
        return 'value',f"for predictions {tuple(p.preds.shape)} and labels {tuple(p.y.shape)} it raises {hint(e)}"
    try: return asked_all(metric, s)
    except Fault as e: return 'value',str(e)
    except Exception as e: return 'value',f"{OTHERS} it raises {hint(e)}"

def asked_all(metric, s):
    "The first fault that a question finds, as the name of a check and a sentence, or None"
    in_place(metric, *s.form)
    f = s.standard(metric)
    for name,questions in PARTS.items():
        if name=='column' and is_error_rate(metric, f, s.probe): f = complement(f) # now that it remembers nothing
        for question in questions:
            if question==q.threshold: question = partial(question, at=s.middle)
            if text := question(f, *s.form): return name,text[:1].lower()+text[1:]

def verdict_on(name, s):
    "What all metrics together show in one check"
    if not s.metrics: raise NotChecked("There is no metric.")
    found,skipped = [],[]
    for m in s.metrics:
        try:
            if id(m) not in s.faults: s.faults[id(m)] = first_fault(m, s)
            found.append((m,s.faults[id(m)]))
        except NotChecked as e: skipped.append(str(e))
    for m,fault in found:
        if fault and fault[0]==name: raise Fault(f"{name_of(m)}: {fault[1]}")
    clean = [m for m,fault in found if not fault]
    if clean:
        notes = [in_place(m, *s.form) for m in clean] if name=='value' else []
        return f"{', '.join(map(name_of, clean))}: {FINE[name]}{''.join(notes)}"
    raise NotChecked(f"First mend 'metric: {found[0][1][0]}'." if found else ' '.join(skipped))

for name in PARTS: check('metric', name, needs=ASKED)(partial(verdict_on, name))
