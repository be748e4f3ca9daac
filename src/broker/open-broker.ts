import type { Config } from '../config.js';
import type { Broker } from './broker.js';
import { openInProcess } from './in-process.js';
import { openRabbit } from './rabbit/rabbit.js';

/** RabbitMQ where it is set, else a broker inside this process. */
export const openBroker = ({ amqpUrls, owner }: Pick<Config, 'amqpUrls' | 'owner'>): Promise<Broker> | Broker =>
  amqpUrls.length === 0 ? openInProcess() : openRabbit({ urls: amqpUrls, owner });
