"The report of `check_setup`, and arguments that are no set-up"
from mnist_course.checkup import graph
from .setups import *
from . import test_data,test_first_notebooks,test_loss,test_metric,test_training,test_unusual # they register set-ups

def find(report, name):
    "The rows of one check"
    return [o for o in report.rows if f'{o.group}: {o.check}'==name]

def test_every_check_has_its_row_and_says_something():
    report = check('chapter_7_by_hand')
    assert sorted(f'{o.group}: {o.check}' for o in report.rows) == sorted(CHECKS)
    for o in report.rows: assert o.text.strip() and '\n' not in o.text.strip(), o.check

@pytest.mark.parametrize('name',
    ['chapter_7_by_hand','several_metrics','flat_labels_meet_a_column','batches_that_are_dicts',
    'seed_000_learner','loss_without_a_return'])
def test_repr_is_a_table_with_a_line_for_each_row(name):
    report = check(name)
    lines = repr(report).splitlines()
    assert max(map(len, lines)) <= 200
    assert len(lines) >= len(report.rows)
    for o in report.rows:
        assert any(o.check in line for line in lines), f'{o.group}: {o.check} has no line in\n{report}'

@pytest.mark.parametrize('name',
    ['chapter_3','several_metrics','learner_whose_loss_and_metric_broadcast','items_that_raise'])
def test_markdown_is_a_table_with_a_line_for_each_row(name):
    report = check(name)
    lines = [o.strip() for o in report._repr_markdown_().splitlines()]
    table = [o for o in lines if o.startswith('|') and o.endswith('|')]
    assert sum(re.fullmatch(r'\|(\s*:?-+:?\s*\|)+', o) is not None for o in table) == 1
    assert len({len(re.findall(r'(?<!\\)\|', o)) for o in table}) == 1, 'not every line has as many cells'
    for o in report.rows: assert any(o.check in line for line in table), f'{o.group}: {o.check} has no line'

def test_metrics_are_all_read_and_a_fault_of_two_is_named_once():
    assert check('two_metrics_that_broadcast').wrong == ['metric: broadcast']
    kw = ten_columns(torch_dls(*ten()),
        metrics=[lambda p,y: (p.argmin(1)==y).float().mean(),accuracy,lambda p,y: (p.argmax(1)==y).float()])
    assert {*check_setup(**kw).wrong} == {'metric: column','metric: value'}

def test_what_was_not_given_is_not_checked():
    report = check('nothing_but_data_model_and_loss')
    assert {o.verdict for o in report.rows if o.group=='metric'} <= {'not checked'}
    assert [o.verdict for o in find(report, 'training: learning rate')] == ['not checked']

def test_fixed_order_is_ok_but_noted():
    fixed,shuffled = (find(check(o), 'data: shuffled')[0] for o in ('mixed_order_that_stays_the_same','dropout'))
    assert fixed.verdict == shuffled.verdict == 'ok'
    assert fixed.text != shuffled.text

def test_one_setup_gives_one_report(): assert repr(check('dropout')) == repr(check.__wrapped__('dropout'))


# Arguments that are no set-up

NO_SETUP = {'model': dict(model=None), 'loss': dict(loss_func=None), 'dls|loader': dict(dls=None),
    'batch|empty': dict(dls=([],[])), 'one batch': dict(model=nn.Sequential(nn.LazyLinear(10))),
    'params': dict(params=3), 'metric': dict(metrics=3), 'class': dict(loss_func=nn.CrossEntropyLoss),
    'positive': dict(lr=0.), 'number': dict(lr='fast')}

@pytest.mark.parametrize('says', NO_SETUP)
def test_argument_that_will_not_do_is_named(says):
    kw = ten_columns(torch_dls(*ten())) | NO_SETUP[says]
    with pytest.raises((ValueError,TypeError), match=f'(?i){says}') as e: check_setup(**kw)
    assert len(str(e.value).split()) > 4, 'the message should say what to pass'

def test_loader_that_drops_its_only_batch_is_empty():
    dls = torch_dls(*ten(n=40), bs=64, drop_last=True)
    with pytest.raises((ValueError,TypeError), match='(?i)batch|empty'): check_setup(**ten_columns(dls))


# What is counted

def test_checks_that_crash_are_counted_and_nothing_is_ok():
    calls = []
    def sometimes(p, y):
        calls.append(1)
        if len(calls)>30: raise OSError('the network is gone')
        return F.cross_entropy(p, y)
    report = check_setup(**ten_columns(torch_dls(*ten()), loss_func=sometimes))
    assert report.crashed and not report.ok, report
    assert f'{len(report.crashed)} crashed' in report.headline()

def test_headline_counts_what_was_not_made():
    made,few = check('chapter_7_by_hand'),check('nothing_but_data_model_and_loss')
    n = len([o for o in few.rows if o.verdict=='not checked'])
    assert few.headline()==f'{len(few.rows)-n} checks, nothing wrong; {n} not made'
    assert 'crashed' not in made.headline()

def test_graph_names_each_check_after_all_that_it_needs():
    seen = set()
    for line in graph().splitlines():
        name,needs = line[:24].strip(),line[24:].replace('; to go on', '')
        assert {o.strip() for o in needs.split(',')} <= {*seen,'predictions','nothing'}, line
        seen.add(name)
    assert seen=={*CHECKS}

def test_there_are_enough_setups_and_each_check_has_a_faulty_one():
    for what,table in dict(seeds=SEEDS, faulty=FAULTY, sound=SOUND).items():
        print(f'{what}: {len(table)} set-ups, {len(RIGHT[what])} judged rightly in this process')
    assert min(len(FAULTY), len(SOUND)) >= 150
    assert {o for _,names,*_ in FAULTY.values() for o in names} == {*CHECKS}, 'a check without a faulty set-up'

@pytest.mark.slow
@pytest.mark.parametrize('seed', range(1, 3))
@pytest.mark.parametrize('name', ['chapter_3','chapter_7_by_hand','moons_with_a_small_net',
    'spiral_with_two_hidden_layers','dropout','xor_of_four_points'])
def test_sound_setups_are_sound_whatever_the_seed(name, seed): assert check(name, seed).wrong==[]

@pytest.mark.slow
@pytest.mark.parametrize('seed', range(1, 3))
@pytest.mark.parametrize('name', ['labels_shifted_by_one','net_of_wide_weights','half_as_threshold_of_raw_scores',
    'rate_of_a_hundred','rate_of_a_ten_thousandth'])
def test_faults_are_named_whatever_the_seed(name, seed): assert check(name, seed).wrong==[*FAULTY[name][1]]
