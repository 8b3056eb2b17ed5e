"The pages of the site, from what is committed: README, chapters, assignments, the teachers' page and the docstrings"
import ast,contextlib,importlib,inspect,json,re,shutil,tempfile,textwrap
from pathlib import Path
from pprint import pformat

import yaml

# Steps of nbdev that the pages do without: front matter and folds are Quarto's, and the chapters show the source itself, the API pages its documentation
KEEP_OUT = 'FrontmatterProc,add_show_docs,exec_show_docs,mv_exports,add_fold,insert_warning'
WIDGET = 'application/vnd.jupyter.widget-view+json'
SKIPPED = re.compile(r"^\[!\[Open In Colab\]|^if 'google\.colab' in ") # a badge and what it needs: the pages have buttons instead


# Markdown

def prose(text, f):
    "`text` with `f` applied to its lines, but for code, headings and HTML"
    res,fence = [],False
    for line in text.split('\n'):
        if line.lstrip().startswith('```'): fence = not fence
        res.append(line if fence or re.match(r'    |#|<|\s*```', line) else f(line))
    return '\n'.join(res)

def outside_code(line, f):
    "`line` with `f` applied to what is neither code nor a link"
    return ''.join(o if i%2 else f(o) for i,o in enumerate(re.split(r'(`+[^`]*`+|!?\[[^\]]*\]\([^)]*\))', line)))

class Links:
    "Links of the text at `path`: to pages where there are some, else to the repository"
    def __init__(self, root, path, pages, symbols, repository, branch):
        self.root,self.path,self.pages,self.symbols,self.repository,self.branch,self.seen = root,Path(path),pages,symbols,repository,branch,set()

    def to(self, page):
        "A relative link from this page to another one"
        return '../'*(len(self.path.parts)-1) + page

    def target(self, m):
        link,_,anchor = m[1].partition('#')
        if not link or ':' in link: return m[0]
        path = (self.root/self.path.parent/link).resolve().relative_to(self.root)
        if path.name=='README.md': return f']({self.to("index.md")})'
        if path.as_posix() in self.pages or path.suffix in ('.png','.svg'): return m[0]
        return f']({self.repository}/{"tree" if (self.root/path).is_dir() else "blob"}/{self.branch}/{path.as_posix()})'

    def symbol(self, m):
        "nbdev's link for a name: to its documentation, once on a page"
        label = self.symbols.get((m[2], m[3]))
        if not label or label in self.seen: return m[1]
        self.seen.add(label)
        return f'[{m[1]}](#{label})'

    def chapters(self, text):
        "Link the numbers in 'chapters 06 and 07'"
        names = {Path(o).name[:2]: o for o in self.pages if re.match(r'nbs/\d\d_', o)}
        def link(m): return f'[{m[0]}]({self.to(names[m[2]])})' if m[2] in names and names[m[2]]!=self.path.as_posix() else m[0]
        def several(m): return re.sub(r'([Cc]hapters? )?(\d\d)', link, m[0])
        return re.sub(r'\b[Cc]hapters? \d\d\b(?:(?:, | and | to | or )\d\d\b)*', several, text)

    def __call__(self, text):
        text = re.sub(r'<details><summary>(.*?)</summary>[ \t]*(\S.*?)</details>', r'<details><summary>\1</summary>\n\n\2\n\n</details>\n', text) # Markdown needs blank lines around it
        text = prose(text, lambda line: re.sub(r'\[(`[^`]*`)\]\(/(\w+)\.html#([^)]*)\)', self.symbol, line))
        text = re.sub(r'\[(`[^`]*`)\]\(/\w+\.html#[^)]*\)', r'\1', text) # in a heading
        text = prose(text, lambda line: re.sub(r'\]\(([^)\s]*)\)', self.target, line))
        return prose(text, lambda line: outside_code(line, self.chapters))

def without_badges(text):
    "Tables without their column of badges"
    def drop(m): return ''.join(o.rsplit('|', 2)[0] + '|\n' for o in m[0].splitlines()) if 'colab-badge' in m[0] else m[0]
    return re.sub(r'^(?:\|.*\n)+', drop, text, flags=re.M)


# Notebooks

def process(root, dest):
    "Copy the chapters and the assignments to `dest`, and process them there as `nbdev-proc-nbs` does, which would also try to install Quarto"
    from nbdev.serve import proc_nbs
    dest.joinpath('pyproject.toml').write_text((root/'pyproject.toml').read_text(encoding='utf-8').replace('[tool.nbdev]', f'[tool.nbdev]\nskip_procs = "{KEEP_OUT}"'))
    for path in [*root.glob('nbs/[0-9][0-9]_*.ipynb'), *root.glob('assignments/*.ipynb')]:
        nb = json.loads(path.read_text(encoding='utf-8'))
        for c in nb['cells']: # nbdev deletes what is exported without being shown; but here the code is the lesson
            if c['cell_type']=='code': c['source'] = re.sub(r'^#\| *exporti?(?= |$)', '#| exports', ''.join(c['source']), flags=re.M)
        out = dest/'nbs'/path.relative_to(root).as_posix().removeprefix('nbs/')
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(nb), encoding='utf-8')
    with contextlib.chdir(dest): return proc_nbs(n_workers=0)

def run_it(path, repository, branch):
    "A line on where the notebook at `path` can be run"
    slug = repository.split('github.com/')[1]
    return (f"Here you can read this notebook. To run it, open it on [Colab](https://colab.research.google.com/github/{slug}/blob/{branch}/{path}) or "
        f"[Binder](https://mybinder.org/v2/gh/{slug}/{branch}?urlpath=lab/tree/{path}), or [on your own machine](../index.md#chapters).")

def notebook(nb, links, run, number=''):
    "A processed notebook as a page, which says below its title where to `run` it"
    nb['cells'] = [c for c in nb['cells'] if not SKIPPED.search(''.join(c['source']))]
    for c in nb['cells']:
        source = ''.join(c['source'])
        if c['cell_type']=='markdown': c['source'] = links(source)
        if c['cell_type']!='code': continue
        alt = re.search(r'^#\| *fig-alt: *(.*)$', source, flags=re.M)
        c['metadata'] = {'mystnb': {'image': {'alt': yaml.safe_load(alt[1])}}} if alt else {}
        c['source'] = re.sub(r'^#\|.*\n?', '', source, flags=re.M).strip('\n')
        for o in c['outputs']: o.get('data', {}).pop(WIDGET, None)
    nb['cells'].insert(1, {'cell_type': 'markdown', 'id': 'run-it', 'metadata': {}, 'source': run})
    if number: nb['cells'][0]['source'] = nb['cells'][0]['source'].replace('# ', f'# {number} · ', 1)
    nb['metadata'] = {'kernelspec': nb['metadata']['kernelspec'], 'language_info': {'name': 'python', 'pygments_lexer': 'ipython3'}}
    return json.dumps(nb)

def title(nb): return ''.join(nb['cells'][0]['source']).split('\n')[0].removeprefix('# ')


# API

def members(module):
    "Names and values of what a module offers: `__all__`, or else its own functions and classes"
    names = getattr(module, '__all__', None) or [k for k,v in vars(module).items() if k[0]!='_' and callable(v) and getattr(v, '__module__', '').startswith(module.__name__)]
    return {o: getattr(module, o) for o in names if o!='main'}

def methods(o):
    "The public methods of a class that have a docstring of their own"
    return {k: v for k,v in vars(o).items() if inspect.isfunction(v) and k[0]!='_' and v.__doc__} if inspect.isclass(o) else {}

def signature(o, name):
    "How a function or class is called, as it is written in its source"
    tree = ast.parse(textwrap.dedent(inspect.getsource(o))).body[0]
    args = tree.args if isinstance(tree, ast.FunctionDef) else next((f.args for f in tree.body if getattr(f, 'name', '')=='__init__'), None)
    if args is None: return f'class {name}' + f'({", ".join(map(ast.unparse, tree.bases))})'*bool(tree.bases)
    if args.args and args.args[0].arg=='self': args.args.pop(0)
    params = ast.unparse(args)
    if len(params)+len(name) > 75: params = f'\n    {textwrap.fill(params, 75, subsequent_indent="    ", break_long_words=False)}\n'
    return f'{"class" if inspect.isclass(o) else "def"} {name}({params})'

def entry(name, o, label, level=2):
    "Heading, signature, docstring, and what the comments say of the parameters as a table"
    from fastcore.docments import docments,docstring
    head = f'({label})=\n{"#"*level} {name}\n\n'
    if not inspect.isfunction(o) and not inspect.isclass(o):
        value = pformat(o, width=75, sort_dicts=False)
        plain = isinstance(o, (str,int,float,tuple,list,dict)) and len(value)<1000 and ' object at ' not in value and ' at 0x' not in value
        return head + (f'```python\n{name} = {value}\n```\n' if plain else f'A `{type(o).__name__}`.\n')
    rows = [(k, ' '.join(v.split()).replace('|', r'\|')) for k,v in docments(o).items() if v and k!='self']
    table = ''.join(f'| {"returns" if k=="return" else f"`{k}`"} | {v} |\n' for k,v in rows)
    return head + f'```python\n{signature(o, name.split(".")[-1])}\n```\n\n{docstring(o)}\n\n' + (f'| parameter | what it is |\n|---|---|\n{table}\n' if rows else '')

def api(package, name, chapter):
    "The page of a module, and the label of each name in it"
    module = importlib.import_module(f'{package}.{name}')
    labels = {k: f'{package}.{name}.{k}' for k in members(module)}
    where = f'The chapter that builds it: [{chapter[1]}](../{chapter[0]}). ' if chapter else ''
    parts = [f'# {package}.{name}\n\n> {inspect.getdoc(module)}\n\n{where}Source: {{source}}\n']
    for k,o in members(module).items():
        parts.append(entry(k, o, labels[k]))
        for m,f in methods(o).items():
            labels[f'{k}.{m}'] = f'{labels[k]}.{m}'
            parts.append(entry(f'{k}.{m}', f, labels[f'{k}.{m}'], 3))
    path = Path(module.__file__).relative_to(Path(importlib.import_module(package).__file__).parents[1]).as_posix()
    return '\n'.join(parts), labels, path


# All of it

def toc(caption, pages):
    "A part of the navigation; modules by their short names"
    lines = [f'{Path(o).stem} <{o.removesuffix(".md")}>' if o.startswith('api/') else Path(o).with_suffix('').as_posix() for o in pages]
    return f'```{{toctree}}\n:hidden:\n:caption: {caption}\n:maxdepth: 1\n\n' + '\n'.join(lines) + '\n```\n'

def prepare(root, dest, repository, branch):
    "Write the pages of the checkout `root` into the folder `dest`, with links to the `repository` for files that are no pages"
    with tempfile.TemporaryDirectory() as tmp:
        tmp = Path(tmp).resolve()
        cache = process(root, tmp)
        nbs = {('' if o.parent.name=='assignments' else 'nbs/')+o.relative_to(cache).as_posix(): json.loads(o.read_text(encoding='utf-8')) for o in sorted(cache.rglob('*.ipynb'))}
    chapters,assignments = ([o for o in nbs if o.startswith(p)] for p in ('nbs/','assignments/'))
    titles = {o: f'{Path(o).name[:2]} · {title(nbs[o])}' for o in chapters}
    package = next(o.parent.name for o in root.glob('*/_modidx.py'))
    exported = {Path(o).stem[3:]: o for o in chapters}
    others = sorted(o.stem if o.suffix else o.name for o in (root/package).iterdir() if o.name[0]!='_' and (o.suffix=='.py' or (o/'__init__.py').exists()))
    texts,symbols = {},{}
    for name in [*exported, *[o for o in others if o not in exported]]:
        chapter = exported.get(name)
        text,labels,path = api(package, name, chapter and (chapter, titles[chapter]))
        texts[f'api/{name}.md'] = text.replace('{source}', f'[{path}]({repository}/blob/{branch}/{path})', 1)
        symbols |= {(name, k.lower()): v for k,v in labels.items()}
    modules = list(texts)
    pages = {*nbs, *texts, 'TEACHING.md'}
    def links(path): return Links(root, path, pages, symbols, repository, branch)
    for o,nb in nbs.items(): texts[o] = notebook(nb, links(o), run_it(o, repository, branch), Path(o).name[:2] if o in chapters else '')
    texts['TEACHING.md'] = links('TEACHING.md')((root/'TEACHING.md').read_text(encoding='utf-8'))
    home = links('README.md')(without_badges((root/'README.md').read_text(encoding='utf-8')))
    texts['index.md'] = home + '\n' + '\n'.join(toc(*o) for o in (('Chapters', chapters), ('Assignments', assignments), ('For teachers', ['TEACHING.md']), ('API', modules)))
    write(root, dest, texts)

def write(root, dest, texts):
    "Write what has changed and delete what is no more, so that Sphinx reads no page twice"
    for folder in ('nbs','assignments','api'):
        for o in (dest/folder).glob('*.*'):
            if o.relative_to(dest).as_posix() not in texts: o.unlink()
    for name,text in texts.items():
        path = dest/name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding='utf-8')!=text: path.write_text(text, encoding='utf-8')
    (dest/'nbs/images').mkdir(exist_ok=True)
    for o in (root/'nbs/images').iterdir(): shutil.copy2(o, dest/'nbs/images')
