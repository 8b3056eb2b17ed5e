"The README: its commands, examples, links and picture. `python tests/test_readme.py` stores the picture anew."
import json,os,re,subprocess,sys
from base64 import b64decode

import pytest

from conftest import ROOT,readme_block

README = (ROOT/'README.md').read_text(encoding='utf-8')
EXAMPLES = re.findall(r'<!-- example -->\n```python\n(.*?)```', README, flags=re.S)
PICTURE = ROOT/'nbs/images/result.png'

def result():
    "The figure of chapter 05 that compares the models"
    code = json.loads((ROOT/'nbs/05_learner.ipynb').read_text(encoding='utf-8'))['cells']
    cell, = [c for c in code if 'curves.plot' in ''.join(c['source'])]
    return b64decode(''.join(cell['outputs'][-1]['data']['image/png']))

@pytest.mark.skipif(os.name!='posix', reason='.ci/run is for a POSIX shell')
def test_ci_runs_the_commands_of_the_tests_as_they_stand():
    script = (ROOT/'.ci/run').read_text()
    block = next(o for o in script.splitlines() if o.startswith('block()'))
    assert "for name in 'tests' 'slow tests'" in script
    for name,end in (('tests','pytest'), ('slow tests','pytest -m slow')):
        got = subprocess.check_output(['bash','-c',f'{block}; block "{name}"'], cwd=ROOT, text=True).strip()
        assert got == readme_block(name).strip() and got.endswith(end)

def test_main_command_comes_first_and_prints_the_table():
    assert readme_block('main job').strip().endswith('mnist_course')
    assert README.index('<!-- main job -->') < README.index('<!-- tests -->') < README.index('## Chapters')

@pytest.mark.parametrize('code', EXAMPLES, ids=range(len(EXAMPLES)))
def test_example_runs(code, tmp_path):
    done = subprocess.run([sys.executable,'-c',code], cwd=tmp_path, env=os.environ|{'FASTAI_HOME': str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode==0, done.stderr

def test_there_are_three_examples_and_the_first_has_five_lines():
    assert len(EXAMPLES)==3 and len(EXAMPLES[0].splitlines())==5

def test_chapters_are_listed_in_order_with_title_link_and_badge(settings):
    colab = 'https://colab.research.google.com/github/{user}/{repo}/blob/{branch}/nbs/'.format(**settings)
    rows = re.findall(r'^\| (\d\d) \| \[(.*?)\]\((.*?)\) \|.*\]\((https://colab.*?)\) \|$', README, flags=re.M)
    titles = {o: json.loads(o.read_text(encoding='utf-8'))['cells'][0]['source'][0][2:].strip() for o in sorted((ROOT/'nbs').glob('*.ipynb'))}
    assert rows == [(o.name[:2], title, f'nbs/{o.name}', colab+o.name) for o,title in titles.items()]

def test_assignments_are_listed_in_order_with_link_badge_and_minutes(settings):
    colab = 'https://colab.research.google.com/github/{user}/{repo}/blob/{branch}/assignments/'.format(**settings)
    def minutes(path): return sum(map(int, re.findall(r'\*(\d+) minutes?\b', path.read_text(encoding='utf-8'))))
    rows = re.findall(r'^\| (\d) \| \[.*?\]\((.*?)\) \|.*\| (\d+) \| .*\]\((https://colab.*?)\) \|$', README, flags=re.M)
    assert rows == [(o.name[0], f'assignments/{o.name}', str(minutes(o)), colab+o.name) for o in sorted((ROOT/'assignments').glob('*.ipynb'))]

def test_python_version_is_that_of_the_settings(settings):
    assert f"Python {settings['min_python']} or later" in README

def test_links_to_files_lead_somewhere():
    links = re.findall(r'\]\((?!https?:)(.*?)\)', README)
    assert links and [o for o in links if not (ROOT/o).exists()] == []

def test_picture_is_the_figure_of_the_chapter():
    assert PICTURE.read_bytes() == result(), 'run: python tests/test_readme.py'

if __name__=='__main__':
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(result())
