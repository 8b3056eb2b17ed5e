"What every chapter has to keep to: in step with its module, the same head, tidy cells, clean outputs"
import ast,io,itertools,json,re,subprocess,sys
from base64 import b64decode
from pathlib import Path

import pytest,yaml
from IPython.core.inputtransformer2 import TransformerManager
from PIL import Image

from conftest import ROOT

NOTEBOOKS = sorted([*(ROOT/'nbs').glob('*.ipynb'), *(ROOT/'nbs/assignments').glob('*.ipynb')])
CHAPTERS = [o for o in NOTEBOOKS if re.match(r'\d\d_', o.name)]
# Paths of the author's machine, and words of a run that went wrong
STAINS = ['Warning', 'Traceback', '/root/', '/home/', '/tmp/', '/work/', '/Users/']

every_notebook = pytest.mark.parametrize('nb', NOTEBOOKS, ids=lambda o: o.stem)
every_chapter = pytest.mark.parametrize('nb', CHAPTERS, ids=lambda o: o.stem)

def cells(nb, kind=None):
    "`(where,cell)` for the cells of one kind, `where` being what a message should say"
    nbcells = json.loads(nb.read_text(encoding='utf-8'))['cells']
    return [(f'{nb.name} cell {i}', c) for i,c in enumerate(nbcells) if kind in (None,c['cell_type'])]

def source(cell): return ''.join(cell['source'])
def lines(text): return [o for o in text.splitlines() if o.strip()]
def prose(cell): return re.sub(r'^ *(```|~~~).*?^ *\1', '', source(cell), flags=re.M|re.S)
def parse(cell): return ast.parse(TransformerManager().transform_cell(source(cell))).body
def outputs(nb): return [(where,o) for where,c in cells(nb, 'code') for o in c['outputs']]

def test_chapters_are_numbered_from_00_without_a_gap():
    numbers = [o.name[:2] for o in CHAPTERS]
    assert numbers == [f'{i:02}' for i in range(len(numbers))]


# In step

def test_export_and_clean_change_no_file(checkout):
    def content(): return {str(o.relative_to(checkout)): o.read_bytes() for o in checkout.rglob('*') if o.is_file()}
    before = content()
    for cmd in ('nbdev-export','nbdev-clean'):
        done = subprocess.run([Path(sys.executable).with_name(cmd)], cwd=checkout, capture_output=True, text=True)
        assert done.returncode==0, done.stdout+done.stderr
        after = content()
        changed = sorted(o for o in before.keys()|after if before.get(o)!=after.get(o))
        assert not changed, f'run {cmd}: it changes {changed}'

@every_chapter
def test_chapter_exports_the_module_of_its_name(nb):
    name = nb.stem[3:]
    assert re.findall(r'^#\| *default_exp +(\S+)', '\n'.join(source(c) for _,c in cells(nb, 'code')), flags=re.M) == [name]
    assert f'File to edit: ../nbs/{nb.name}' in (ROOT/'mnist_course'/f'{name}.py').read_text(encoding='utf-8')

def test_no_exported_module_has_lost_its_notebook():
    found = {o.name: re.search(r'File to edit: \.\./nbs/(.*\.ipynb)', o.read_text(encoding='utf-8')) for o in (ROOT/'mnist_course').glob('*.py')}
    assert [o for o,m in found.items() if m and not (ROOT/'nbs'/m[1]).exists()] == []


# References

def headings(nb): return re.findall(r'^#+ +(.*?) *$', '\n'.join(prose(c) for _,c in cells(nb, 'markdown')), flags=re.M)

EXERCISES = sorted((ROOT/'mnist_course/exercises').glob('*.py'))

@pytest.mark.parametrize('path', [*NOTEBOOKS,*EXERCISES], ids=lambda o: o.stem)
def test_headings_that_are_referred_to_exist(path):
    text = '\n'.join(source(c) for _,c in cells(path)) if path in NOTEBOOKS else path.read_text(encoding='utf-8')
    said = re.findall(r"[cC]hapter (\d\d), '((?:[^'\n]|'(?=\w))+)'", text.replace('`', ''))
    there = {(nb.name[:2], o.replace('`', '')) for nb in CHAPTERS for o in headings(nb)}
    assert [o for o in said if o not in there]==[]


# The head

@every_notebook
def test_first_cell_is_a_title_and_a_subtitle(nb):
    _,cell = cells(nb)[0]
    assert cell['cell_type']=='markdown' and re.fullmatch(r'# \S.*\n\n?> \S.*\n*', source(cell)), source(cell)

@every_chapter
def test_badge_near_the_top_opens_this_very_notebook_in_colab(nb, settings):
    link = 'https://colab.research.google.com/github/{user}/{repo}/blob/{branch}/nbs/'.format(**settings) + nb.name
    links = [(i,o) for i,(_,c) in enumerate(cells(nb)) for o in re.findall(r'https://colab\.research\.google\.com/github/[^)\s"]*', source(c))]
    assert [o for _,o in links] == [link] and links[0][0] < 3, links

@every_chapter
def test_first_code_cell_installs_the_course_on_colab_only_and_upgrades_nothing(nb, settings):
    (where,first),*rest = cells(nb, 'code')
    guard,*body = [o for o in lines(source(first)) if not o.startswith('#|')]
    assert guard == "if 'google.colab' in str(get_ipython()):" and body and all(o.startswith('    ') for o in body), where
    package = '"{lib_name}[notebooks] @ git+https://github.com/{user}/{repo}"'.format(**settings)
    assert package in source(first), f'{where} does not install {package}'
    assert not re.search(r'\s(-[a-z]*U|--upgrade|--force)', source(first)), f'{where}: on Colab torch and fastai must stay as they are'
    assert [where for where,c in rest if re.search(r'\bpip3? +install', source(c))] == []


# Cells

@every_notebook
def test_heading_has_a_cell_to_itself(nb):
    bad = [where for where,c in cells(nb, 'markdown')[1:] if re.search(r'^#', prose(c), flags=re.M) and len(lines(source(c)))>1]
    assert bad == []

@every_notebook
def test_imports_have_cells_to_themselves(nb):
    def mixed(body): return len({isinstance(o, (ast.Import,ast.ImportFrom)) for o in body}) > 1
    assert [where for where,c in cells(nb, 'code') if mixed(parse(c))] == []

@every_notebook
def test_no_code_cell_is_longer_than_25_lines(nb):
    assert [(where,n) for where,c in cells(nb, 'code') if (n := len(lines(source(c)))) > 25] == []


# Outputs

@every_notebook
def test_cells_are_saved_without_execution_counts(nb):
    assert [where for where,c in cells(nb, 'code') if c['execution_count'] or any(o.get('execution_count') for o in c['outputs'])] == []

@every_chapter
def test_more_than_a_third_of_the_code_cells_show_something(nb):
    code = [c for _,c in cells(nb, 'code') if not re.search(r'^#\| *hide$', source(c), flags=re.M)]
    assert sum(bool(c['outputs']) for c in code) > len(code)/3

@every_notebook
def test_value_at_the_end_of_a_cell_is_shown(nb):
    def shows(cell):
        body = parse(cell)
        value = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
        return isinstance(value, (ast.Name,ast.Tuple,ast.BinOp,ast.Compare,ast.JoinedStr)) and not source(cell).rstrip().endswith(';')
    assert [where for where,c in cells(nb, 'code') if shows(c) and not c['outputs']] == [], 'cells that were not run'

@every_notebook
def test_outputs_hold_no_error_warning_or_path_of_a_machine(nb):
    def stains(o):
        text = json.dumps({k: v for k,v in o.get('data', o).items() if not k.startswith('image/')})
        return [s for s in STAINS if s in text] + [o[k] for k,v in (('output_type','error'),('name','stderr')) if o.get(k)==v]
    assert [(where,s) for where,o in outputs(nb) if (s := stains(o))] == []


# Pictures

def images(nb):
    "`(where,cell,PIL image,bytes)` for each picture that a cell of the notebook shows"
    found = [(where,c,b64decode(''.join(v))) for where,c in cells(nb, 'code') for o in c['outputs'] for k,v in o.get('data', {}).items() if k.startswith('image/')]
    return [(where,c,Image.open(io.BytesIO(raw)),len(raw)) for where,c,raw in found]

def alt(cell):
    "The cell's alternative text, from a line `#| fig-alt:` among the directives at its top, read as the YAML that Quarto takes it for"
    head = itertools.takewhile(lambda o: o.startswith('#|'), source(cell).splitlines())
    line = next((o for o in head if re.match(r'#\| *fig-alt:', o)), '')
    try: return str((yaml.safe_load(line[2:]) or {}).get('fig-alt', ''))
    except yaml.YAMLError: raise AssertionError(f'no valid YAML, put the text in double quotes (it has a colon, perhaps): {line}') from None

@every_notebook
def test_every_image_is_smaller_than_100_kB_and_if_it_moves_than_500_kB(nb):
    def limit(im): return 500_000 if getattr(im, 'is_animated', False) else 100_000
    assert [(where,n) for where,_,im,n in images(nb) if n >= limit(im)] == []

@every_notebook
def test_every_image_is_at_most_660_pixels_wide(nb):
    assert [(where,im.width) for where,_,im,_ in images(nb) if im.width > 660] == []

@every_notebook
def test_every_image_has_an_alternative_text(nb):
    lengths = {where: len(alt(c)) for where,c,_,_ in images(nb)}
    assert {o: n for o,n in lengths.items() if not 40 <= n <= 300} == {}, 'begin the cell with a line "#| fig-alt: …" of 40 to 300 characters'

@every_notebook
def test_no_notebook_holds_the_state_of_widgets(nb):
    assert 'widgets' not in json.loads(nb.read_text(encoding='utf-8'))['metadata']
    assert [where for where,c in cells(nb) if 'widgets' in c['metadata']] == []
