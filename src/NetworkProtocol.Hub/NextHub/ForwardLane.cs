namespace NetworkProtocol.Hub.NextHub;

/// <summary>The messages of a lane that wait in the store for the next hub.</summary>
/// <param name="Added">How many were ever added.</param>
/// <param name="Messages">How many wait.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Last">The <see cref="ForwardMessage.Id"/> of the last one, 0 if none waits.</param>
internal readonly record struct ForwardLane(long Added, long Messages, long Bytes, long Last);
