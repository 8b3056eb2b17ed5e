"What a release needs: one version everywhere, forms and workflows that GitHub can read, pages without a dead link"
import os,re,subprocess,sys
from datetime import date

import pytest,yaml

from conftest import ROOT

FORMS = sorted((ROOT/'.github/ISSUE_TEMPLATE').glob('*.yml'))
WORKFLOWS = sorted((ROOT/'.github/workflows').glob('*.yaml'))
PAGES = ['CHANGELOG.md','CONTRIBUTING.md']
KINDS = {'markdown','input','textarea','dropdown','checkboxes'} # of the elements of a form

def text(name): return (ROOT/name).read_text(encoding='utf-8')
def load(path): return yaml.safe_load(path.read_text(encoding='utf-8'))

def test_changelog_begins_with_the_version_and_its_date(settings):
    version,day = re.search(r'^## \[(\d[^]]*)\] - (.*)$', text('CHANGELOG.md'), flags=re.M).groups()
    assert version==settings['version'] and date.fromisoformat(day)
    assert '[{version}]: https://github.com/{user}/{repo}/releases/tag/v{version}'.format(**settings) in text('CHANGELOG.md')

def test_citation_is_that_of_settings_ini_and_the_changelog(settings):
    cff = load(ROOT/'CITATION.cff')
    address = 'https://github.com/{user}/{repo}'.format(**settings)
    assert cff['cff-version']=='1.2.0' and cff['message'] and cff['type']=='software'
    assert cff['title']==settings['lib_name'] and cff['authors']==[dict(name=settings['author'])]
    assert cff['version']==settings['version'] and cff['repository-code']==address
    assert cff['url']=='https://{user}.github.io/{repo}/'.format(**settings)
    assert cff['abstract']==settings['description'] and cff['keywords']==settings['keywords'].split()
    assert cff['license'] in settings['license']
    assert f"## [{cff['version']}] - {cff['date-released']}" in text('CHANGELOG.md')

@pytest.mark.parametrize('name', PAGES)
def test_links_lead_to_files_and_headings(name):
    links = re.findall(r'\]\((?!https?:)(.*?)\)', text(name))
    assert links
    for link in links:
        path,_,anchor = link.partition('#')
        heads = re.findall(r'^#+ (.*)$', text(path or name), flags=re.M) if anchor else []
        assert (ROOT/path).exists() and (not anchor or anchor in [o.lower().replace(' ', '-') for o in heads]), link


# Forms

def test_each_of_three_faults_has_its_form():
    assert [o.stem for o in FORMS] == ['unclear_page','wrong_cause','wrong_claim']

@pytest.mark.parametrize('path', FORMS, ids=lambda o: o.stem)
def test_form_has_what_github_requires(path):
    form = load(path)
    assert all(isinstance(form[o], str) and form[o] for o in ('name','description')) and form['body']
    fields = [o for o in form['body'] if o['type']!='markdown']
    assert {o['type'] for o in form['body']} <= KINDS and fields
    assert all(o['attributes']['label'] for o in fields)
    assert len({o['id'] for o in fields})==len(fields) and all(re.fullmatch(r'[\w-]+', o['id']) for o in fields)
    for o in fields:
        options = o['attributes'].get('options', [])
        assert len({*options})==len(options) and bool(options)==(o['type']=='dropdown')

@pytest.mark.parametrize('name,asked', [('wrong_claim', 'place claim truth'), ('unclear_page', 'place understood'),
    ('wrong_cause', 'kind place code said cause versions')])
def test_form_insists_on_what_a_maintainer_needs(name, asked):
    body = load(ROOT/f'.github/ISSUE_TEMPLATE/{name}.yml')['body']
    assert [o['id'] for o in body if o.get('validations', {}).get('required')] == asked.split()


# Workflows

@pytest.mark.parametrize('path', WORKFLOWS, ids=lambda o: o.stem)
def test_workflow_can_be_read(path):
    flow = load(path)
    assert flow['name']==path.stem and flow[True] and flow['jobs'] # YAML takes 'on' for true
    for job in flow['jobs'].values(): assert job.get('uses') or (job['runs-on'] and job['steps'])

def test_tag_is_tested_and_built_before_it_is_published():
    flow = load(ROOT/'.github/workflows/publish.yaml')
    jobs = flow['jobs']
    assert flow[True]=={'push': {'tags': ['v*']}}
    assert jobs['publish']['needs']=='test' and jobs['test']['needs']=='build'
    called = load(ROOT/jobs['test']['uses'])
    steps = called['jobs']['test']['steps']
    assert 'workflow_call' in called[True] and [o for o in steps if o.get('run')=='bash .ci/run']
    assert jobs['publish']['permissions']=={'id-token': 'write'} and jobs['publish']['environment']=='pypi'
    assert flow['permissions']=={'contents': 'read'} and 'password' not in text('.github/workflows/publish.yaml')

@pytest.mark.parametrize('tag,code', [('v{version}', 0), ('{version}', 1), ('v{version}.1', 1)])
def test_a_tag_other_than_the_version_is_refused(tag, code, settings):
    steps = load(ROOT/'.github/workflows/publish.yaml')['jobs']['build']['steps']
    step, = [o['run'] for o in steps if o.get('name','').startswith('The tag')]
    python = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
    env = os.environ | dict(PATH=python, GITHUB_REF_NAME=tag.format(**settings))
    done = subprocess.run(['bash','-euo','pipefail','-c',step], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode==code, done.stderr
    assert code==0 or f"settings.ini says v{settings['version']}" in done.stdout
