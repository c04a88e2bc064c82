namespace NetworkProtocol.Hub;

/// <summary>The sums over all sources, and the size of the store.</summary>
/// <param name="Sources">How many sources there are.</param>
/// <param name="Series">How many series there are.</param>
/// <param name="Messages">How many messages are or were stored.</param>
/// <param name="Duplicates">How many messages came again and were skipped.</param>
/// <param name="Lost">How many messages edges have declared as lost.</param>
/// <param name="DeadLetters">How many messages were put aside.</param>
/// <param name="StoreBytes">The size of the store in bytes.</param>
/// <param name="FreeBytes">The free bytes of the store's disk; null if unknown.</param>
public sealed record HubTotals(
    long Sources, long Series, long Messages, long Duplicates, long Lost, long DeadLetters, long StoreBytes, long? FreeBytes);
