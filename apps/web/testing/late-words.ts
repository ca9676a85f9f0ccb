/** Words of a module that come after the first screen. */
export default { late: 'Late' };
