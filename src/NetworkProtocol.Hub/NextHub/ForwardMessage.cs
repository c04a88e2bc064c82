using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>A message that the next hub is to get.</summary>
/// <param name="Id">Its place in the order of arrival.</param>
/// <param name="Source">The name of the source.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Time">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Payload">The payload.</param>
internal sealed record ForwardMessage(long Id, string Source, Lane Lane, long Time, string Topic, byte[] Payload);
