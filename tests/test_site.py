"The site: built by the README's command, complete, as committed, without a dead link, and at home in a browser that has no network"
import functools,http.server,json,re,shlex,subprocess,sys,threading
from base64 import b64decode
from pathlib import Path
from urllib.parse import unquote,urldefrag,urljoin,urlsplit

import pytest,yaml
from bs4 import BeautifulSoup

from conftest import PATIENCE,ROOT,readme_block

pytestmark = pytest.mark.slow # Sphinx, and a browser
CHAPTERS = sorted(ROOT.glob('nbs/[0-9][0-9]_*.ipynb'))
ASSIGNMENTS = sorted((ROOT/'assignments').glob('*.ipynb'))
OPENED = ['index', *[f'nbs/{o.stem}' for o in CHAPTERS], f'assignments/{ASSIGNMENTS[0].stem}', 'TEACHING', 'api/learner', 'search']
every_chapter = pytest.mark.parametrize('path', CHAPTERS, ids=lambda o: o.stem)

def git(folder, *args): return subprocess.check_output(['git', '-c', 'user.name=test', '-c', 'user.email=test', *args], cwd=folder, text=True)

def build(folder):
    "Run the README's command without its first half, which installs; what Sphinx says"
    name,*args = shlex.split(readme_block('site').split('&&')[1])
    assert name=='sphinx-build' and '-W' in args
    done = subprocess.run([sys.executable,'-m','sphinx',*args], cwd=folder, capture_output=True, text=True)
    assert done.returncode==0 and 'Warning' not in done.stderr, done.stderr
    return done.stdout

@pytest.fixture(scope='module')
def built(checkout):
    "A checkout in which the site has been built"
    git(checkout, 'init', '-q')
    git(checkout, 'add', '-A')
    git(checkout, 'commit', '-qm', 'before')
    build(checkout)
    return checkout

@pytest.fixture(scope='module')
def site(built): return built/'_site'

@pytest.fixture(scope='module')
def pages(site): return {o.relative_to(site).as_posix(): BeautifulSoup(o.read_text(encoding='utf-8'), 'html.parser') for o in sorted(site.rglob('*.html')) if '_static' not in o.parts}

def html(path): return path.relative_to(ROOT).with_suffix('.html').as_posix()
def code_cells(built, path): return [c for c in json.loads((built/path.relative_to(ROOT)).read_text(encoding='utf-8'))['cells'] if c['cell_type']=='code']
def text(o): return '\n'.join(line.rstrip() for line in o.strip('\n').splitlines())


# The build

def test_build_leaves_nothing_that_git_sees(built): assert git(built, 'status', '--porcelain')==''

def test_second_build_finds_nothing_to_do(built):
    said = build(built)
    assert '0 added, 0 changed, 0 removed' in said and 'no targets are out of date' in said, said

def test_home_chapters_assignments_teachers_and_modules_are_there_in_order(pages):
    links = [o['href'] for o in pages['index.html'].select('.bd-sidebar-primary nav a.internal')]
    wanted = ['#', *[html(o) for o in [*CHAPTERS, *ASSIGNMENTS]], 'TEACHING.html', *[f'api/{o.stem[3:]}.html' for o in CHAPTERS]]
    assert links[:len(wanted)]==wanted
    public = {o.stem if o.suffix else o.name for o in (ROOT/'mnist_course').iterdir() if o.name[0]!='_' and (o.suffix=='.py' or (o/'__init__.py').exists())}
    assert {o[4:-5] for o in links if o.startswith('api/')} == public

def test_each_page_has_one_title_of_its_own(pages):
    titles = [[h.get_text() for h in o.article.find_all('h1')] for k,o in pages.items() if k!='search.html']
    assert all(len(o)==1 for o in titles) and len({o[0] for o in titles})==len(titles)

def test_no_solution_of_an_assignment_is_on_the_site(pages): assert [k for k,o in pages.items() if k.startswith('assignments/') and 'BEGIN SOLUTION' in o.get_text()] == []

def test_the_published_site_is_built_by_the_same_command():
    lines = [o.strip() for o in (ROOT/'.github/workflows/site.yaml').read_text(encoding='utf-8').splitlines()]
    cut = next(o for o in lines if o.startswith('command='))
    assert subprocess.check_output(['bash','-c',f'{cut}; echo "$command"'], cwd=ROOT, text=True).strip() == readme_block('site').strip()

def test_binder_has_the_python_and_the_requirements_of_the_notebooks(settings):
    said = (ROOT/'environment.yml').read_text(encoding='utf-8')
    python = re.search(r'python=([\d.]+)', said)[1]
    assert [*map(int, python.split('.'))] >= [*map(int, settings['min_python'].split('.'))] and '-e .[notebooks]' in said


# The chapters as they are committed

@every_chapter
def test_every_code_cell_is_shown_without_its_directives(path, pages, built):
    shown = [text(o.get_text()) for o in pages[html(path)].article.select('div.cell_input pre')]
    def hidden(s): return re.match(r"#\| *(default_exp|hide)\b|if 'google\.colab' in ", s)
    sources = [''.join(c['source']) for c in code_cells(built, path)]
    assert shown==[text(re.sub(r'^#\|.*\n?', '', o, flags=re.M)) for o in sources if o and not hidden(o)]

@every_chapter
def test_every_picture_is_shown_byte_for_byte_with_its_alternative_text(path, pages, built):
    wanted = []
    for c in code_cells(built, path):
        alt = re.search(r'^#\| *fig-alt: *(.*)$', ''.join(c['source']), flags=re.M)
        data = [next((b64decode(''.join(o['data'][k])) for k in ('image/png','image/jpeg') if k in o.get('data', {})), None) for o in c['outputs']]
        wanted += [(alt and yaml.safe_load(alt[1]), d) for d in data if d]
    shown = [(o['alt'], (built/'_site/nbs'/o['src']).read_bytes()) for o in pages[html(path)].article.select('div.cell_output img')]
    assert [o for o,_ in shown]==[o for o,_ in wanted] and shown==wanted

@every_chapter
def test_every_result_is_shown(path, pages, built):
    shown = {text(o.get_text()) for o in pages[html(path)].article.select('div.cell_output pre')}
    wanted = {text(''.join(o['data']['text/plain'])) for c in code_cells(built, path) for o in c['outputs'] if o.get('data', {}).keys() - {'application/vnd.jupyter.widget-view+json'} == {'text/plain'}}
    assert wanted - shown == set()

@pytest.mark.parametrize('path', [*CHAPTERS, *ASSIGNMENTS], ids=lambda o: o.stem)
def test_buttons_open_this_very_notebook_on_colab_and_binder(path, pages, settings):
    links = [o['href'] for o in pages[html(path)].select('.dropdown-launch-buttons a')]
    where = '{user}/{repo}'.format(**settings), path.relative_to(ROOT).as_posix()
    assert sorted(links)==[f"https://colab.research.google.com/github/{where[0]}/blob/{settings['branch']}/{where[1]}", f"https://mybinder.org/v2/gh/{where[0]}/{settings['branch']}?urlpath=lab/tree/{where[1]}"]

def test_modules_are_documented_with_parameters(pages):
    names = [o.get_text().rstrip('#') for o in pages['api/learner.html'].article.select('h2, h3')]
    assert {'get_dls','BasicLearner','BasicLearner.fit','simple_net'} <= set(names)
    assert 'Items in a batch' in pages['api/learner.html'].article.table.get_text()

def test_numbers_of_chapters_and_names_of_functions_are_links(pages):
    links = {o['href'] for o in pages['nbs/07_ten_digits.html'].article.select('a.internal')}
    assert '03_manual_sgd.html' in links and any(o.startswith('../api/') and '#mnist-course-' in o for o in links)


# Links, and what a page loads

def test_no_link_or_anchor_inside_the_site_is_dead(pages, site):
    ids = {k: {e['id'] for e in o.find_all(id=True)} | {''} for k,o in pages.items()}
    dead = []
    for name,o in pages.items():
        for e in o.find_all(['a','link','img','script'], attrs=True):
            link = e.get('href') or e.get('src')
            if not link or urlsplit(link).scheme: continue
            to,anchor = urldefrag(unquote(urljoin('/'+name, link.split('?')[0])))
            to = to.lstrip('/') or 'index.html'
            if not (site/to).is_file() or (to in ids and e.name=='a' and anchor not in ids[to]): dead.append((name, link))
    assert dead==[]

def test_links_to_the_repository_lead_to_files_that_are_there(pages, settings):
    start = 'https://github.com/{user}/{repo}/'.format(**settings)
    links = {urldefrag(e['href'])[0].removeprefix(start) for o in pages.values() for e in o.find_all('a', href=True) if e['href'].startswith(start)}
    assert links and [o for o in links if not re.match(r'(blob|tree)/' + settings['branch'], o) or not (ROOT/o.split('/', 2)[2]).exists()] == []

def test_nothing_is_loaded_from_elsewhere(pages, site):
    away = [(k, str(e)[:200]) for k,o in pages.items() for e in o.find_all(['script','link','img','iframe','source','object','video','audio'])
        if re.match(r'(https?:)?//', e.get('src') or e.get('data') or (e.get('href') if e.name=='link' else '') or '')]
    styles = [(k, s.get_text()) for k,o in pages.items() for s in o.find_all('style')] + [(o.name, o.read_text(encoding='utf-8')) for o in site.rglob('*.css')]
    assert away + [(k,m) for k,s in styles for m in re.findall(r'''(?:url\(|@import)\s*['"]?(?:https?:)?//[^)'"]*''', s)] == []

def test_every_picture_has_alternative_text(pages): assert [(k,e['src']) for k,o in pages.items() for e in o.find_all('img') if not e.get('alt', '').strip() and e.find_parent('article')] == []


# In a browser

@pytest.fixture(scope='module')
def url(site):
    "Address of a server of the site on this machine"
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args): pass
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=site)) as server:
        server.handle_error = lambda *args: None # a tab that is closed while it loads
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}/'
        server.shutdown()

@pytest.fixture(params=[1280,390])
def tab(request, browser, url):
    "A tab of a given width, cut off from the network; what goes wrong in it is in `wrong`, and must be nothing"
    with browser.new_context(viewport=dict(width=request.param, height=900), color_scheme='light') as context:
        context.set_default_timeout(PATIENCE*1000)
        tab,wrong = context.new_page(),[]
        def only_here(route):
            if route.request.url.startswith(url): return route.continue_()
            wrong.append(('elsewhere', route.request.url))
            route.abort()
        context.route('**/*', only_here)
        tab.on('console', lambda m: wrong.append((m.type, m.text)) if m.type in ('error','warning') else None)
        tab.on('pageerror', lambda e: wrong.append(('error', str(e))))
        tab.on('requestfailed', lambda r: wrong.append(('failed', r.url)))
        tab.on('response', lambda r: wrong.append((r.status, r.url)) if r.status>=400 else None)
        yield tab
        assert wrong==[]

@pytest.mark.parametrize('name', OPENED)
def test_page_opens_fits_and_shows_its_figures(tab, url, name):
    tab.goto(f'{url}{name}.html')
    tab.evaluate("document.querySelectorAll('details').forEach(o => o.open = true)")
    width = tab.viewport_size['width']
    wide = "n => [...document.querySelectorAll('article *')].filter(o => o.getBoundingClientRect().right > n && !o.closest('pre, .output, .pst-scrollable-table-container')).map(o => o.outerHTML.slice(0, 100))"
    assert tab.evaluate('document.documentElement.scrollWidth') <= width, tab.evaluate(wide, width)
    assert tab.evaluate("[...document.querySelectorAll('article img')].filter(o => !(o.naturalWidth > 0 && o.clientWidth > 0 && o.getBoundingClientRect().right <= innerWidth)).map(o => o.src)") == []

def test_search_finds_broadcasting_in_chapter_01(tab, url):
    tab.goto(url, wait_until='networkidle')
    tab.keyboard.press('Control+k')
    tab.locator('dialog[open] input[name=q]').fill('broadcasting')
    tab.keyboard.press('Enter')
    tab.wait_for_url('**/search.html?q=broadcasting')
    tab.wait_for_selector('#search-results li a')
    assert tab.locator('#search-results li a').first.get_attribute('href').split('#')[0].endswith('nbs/01_pixel_similarity.html')

def test_switch_makes_it_dark(tab, url):
    tab.goto(url, wait_until='networkidle')
    def brightness(): return tab.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)")
    light,theme = brightness(),"document.documentElement.dataset.theme"
    tab.locator('.theme-switch-button:visible').first.click()
    tab.locator('.theme-change-button[data-mode=dark]:visible').first.click()
    assert tab.evaluate(theme)=='dark' and brightness() < 150 < 600 < light

def test_answer_folds_out_with_its_markdown(tab, url):
    tab.goto(f'{url}nbs/07_ten_digits.html', wait_until='networkidle')
    answer = tab.locator('article details:has(code)').first
    assert not answer.locator('p').first.is_visible()
    answer.locator('summary').click()
    assert answer.locator('p').first.is_visible() and answer.locator('code').first.is_visible()
