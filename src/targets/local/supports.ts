import type { App } from '../../app/model.ts';
import { startsNode } from '../../stack/programs.ts';
import type { Feature, Support } from '../target.ts';

const yes: Support = { level: 'yes' };
const no = (reason: string): Support => ({ level: 'no', reason });
const approximated = (reason: string): Support => ({ level: 'approximated', reason });

/** What this machine can do for an app without containers. */
export function supports(app: App): Record<Feature, Support> {
  return {
    'service.web': yes,
    'service.worker': yes,
    'service.schedule': no('schedules do not run on a laptop; start the job by hand with `gantry run local SERVICE -- COMMAND`'),
    'service.static': yes,
    'service.image': no('images need a container engine; give the service a folder with `build` and `run`'),
    'port.fixed': fixedPorts(app),
    health: yes,
    'health.live': yes,
    'limits.cpu': approximated('the limit is a number for scaling, not a cage: processes are not throttled'),
    'limits.memory': approximated('the limit is watched and shown, not enforced'),
    'scale.count': yes,
    'scale.cpu': yes,
    'scale.concurrency': yes,
    variables: yes,
    secrets: yes,
    migrate: yes,
    smoke: yes,
    'resource.postgres': yes,
    'resource.redis': yes,
    'resource.external': yes,
    'resource.storage': approximated('data takes what the disk has; the size is not reserved'),
    'release.canary': yes,
    'release.bake': yes,
    'release.gates': yes,
    'release.budget': yes,
    'release.rolling': approximated('the next set starts beside the live one, then all traffic is switched'),
    'release.recreate': approximated('the next set starts beside the live one, then all traffic is switched'),
    domain: approximated('the address is on 127.0.0.1; the domain is used elsewhere'),
    registry: approximated('nothing is pushed; content is copied into release folders'),
    size: approximated('there is one size: this machine'),
    egress: approximated('processes reach what this machine reaches'),
    monitoring: approximated('metrics are served, nothing collects them'),
    alerts: approximated('alerts are sent from other targets only'),
    patches: no('there are no generated files that a tool other than Gantry reads'),
  };
}

function fixedPorts(app: App): Support {
  const alone = Object.values(app.services).filter((service) => service.port?.fixed === true && !startsNode(service.run ?? []));
  if (alone.length === 0) return yes;
  return approximated(`${alone.map((service) => service.name).join(', ')}: runs as one replica, as its program takes a fixed port`);
}
