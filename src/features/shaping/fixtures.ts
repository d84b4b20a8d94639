/** Entries of files that are in order, for tests that break them. */
export const PROVIDER = `[[provider]]
name = "example"
label = "Example"
mx = ["*.mx.example.org"]
source = "dns:example.org?type=MX"
examples = ["a.mx.example.org"]
`;
export const RULE = `[[rule]]
name = "own"
mx = ["*.example.org"]
connections = 3
source = "us"
examples = ["mx.example.org"]
`;
export const REACTION = `[[reaction]]
name = "later"
code = ["4xx"]
text = ["come back tomorrow"]
action = "slow"
source = "us"
examples = [
  { reply = "421 Come back tomorrow", stage = "connect" },
]
`;
export const SWEEP = `[[sweep]]
name = "many"
ratio = "failed"
above = 0.1
within = "1h"
minimum = 1000
per = "lane"
action = "suspend"
duration = "4h"
source = "us"
`;
