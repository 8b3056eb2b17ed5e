"""Let badges, install cells, pages and forms follow settings.ini: `python tools/rename.py`

Run it after a change of `user`, `repo` or `branch` there, or after taking over chapters from a course of another name.
The package keeps its name."""
import re,subprocess,sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = r'[\w.-]+' # of a user or a repository
BRANCH = r'[\w./-]+'
BADGE = rf'colab\.research\.google\.com/github/({NAME})/({NAME})/blob/({BRANCH}?)/((?:nbs|assignments)/[\w./-]+\.ipynb)'

def wanted():
    "`(user, repo, branch)` of settings.ini"
    config = ConfigParser(interpolation=None) # a % is a %
    config.read(ROOT/'settings.ini', encoding='utf-8')
    res = {o: config['DEFAULT'].get(o, '') for o in ('user','repo','branch')}
    for key,value in res.items():
        if not re.fullmatch(BRANCH if key=='branch' else NAME, value):
            sys.exit(f"settings.ini: {key} is {value!r}, and must be a name as GitHub allows it: "
                "letters, digits, '-', '_' and '.'")
    return tuple(res.values())

def read_files():
    "`{path: text}` for what git does not ignore, without images and data"
    names = subprocess.check_output(['git','ls-files','-coz','--exclude-standard'], cwd=ROOT).decode().split('\0')
    res = {}
    for path in {ROOT/o for o in names if (ROOT/o).is_file()}:
        try: res[path] = path.read_bytes().decode()
        except UnicodeDecodeError: pass
    return res

def present(texts):
    "Each `(user, repo, branch)` from which a badge opens a notebook that is here too"
    found = {m for text in texts for m in re.findall(BADGE, text)}
    return sorted({m[:3] for m in found if (ROOT/m[3]).is_file()})

def renamed(text, old, new):
    "`text` with the address `new` in place of `old`, both `(user, repo, branch)`"
    user,repo,branch = map(re.escape, old)
    end = r'(?![\w-])' # and not a part of a longer name
    repository = rf'(?P<host>github\.com[/:]|/github/|/gh/){user}/{repo}{end}'
    at_branch = rf'{repository}(?P<kind>/blob/|/tree/|/raw/){branch}{end}'
    site = rf'\b{user}\.github\.io/{repo}{end}'
    folder = rf'(?P<before>git clone \S+ && cd |\.\./(?={repo}/nbs/)){repo}{end}' # that a clone makes
    user,repo,branch = new
    text = re.sub(at_branch, rf'\g<host>{user}/{repo}\g<kind>{branch}', text)
    text = re.sub(repository, rf'\g<host>{user}/{repo}', text)
    text = re.sub(site, f'{user}.github.io/{repo}', text)
    return re.sub(folder, rf'\g<before>{repo}', text)

def main():
    "Rewrite the files in which another address is left, and say what it was"
    new,texts = wanted(),read_files()
    res = dict(texts)
    for old in present(texts.values()):
        if old==new: continue
        print(f"{'/'.join(old[:2])} ({old[2]}) becomes {'/'.join(new[:2])} ({new[2]})")
        res = {path: renamed(text, old, new) for path,text in res.items()}
    changed = [o for o in res if res[o]!=texts[o]]
    for o in changed: o.write_bytes(res[o].encode())
    print(f'files changed: {len(changed)}')

if __name__=='__main__': main()
