"""gs2-inspect's JSON, held against doc/gs2-inspect.schema.json.

The document says what there is at least, since members may be added; here
nothing else is allowed, so that nobody adds one without a word.
"""

import copy
import json

import tap
import tree

try:
    import jsonschema
except ImportError: # validate() skips
    jsonschema = None

__all__ = ['Wrong', 'is_object', 'schema', 'validate']

PATH = tree.srcdir('doc', 'gs2-inspect.schema.json')


class Wrong(Exception):
    """A document is not as the schema says."""


def schema():
    """The schema as it is."""
    with open(PATH, encoding='utf-8') as text:
        return json.load(text)


def is_object(part):
    """Whether part says of objects which members they have."""
    kinds = part.get('type')
    return 'properties' in part and (kinds == 'object' or (
        isinstance(kinds, list) and 'object' in kinds))


def closed(part):
    """part, in which no object may have members that are not named."""
    part = copy.copy(part)
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    for name, value in part.items():
        part[name] = closed(value)
    if is_object(part):
        part.setdefault('additionalProperties', False)
    return part


def validate(document):
    """Raises Wrong where it is not as it must be, tap.Skip without the module
    that can say so."""
    if jsonschema is None:
        raise tap.Skip('install the package python3-jsonschema')
    try:
        jsonschema.Draft7Validator(closed(schema())).validate(document)
    except jsonschema.ValidationError as error:
        raise Wrong(f'{error.message} in {list(error.absolute_path)}: '
                    f'{json.dumps(document)[:2000]}') from error
