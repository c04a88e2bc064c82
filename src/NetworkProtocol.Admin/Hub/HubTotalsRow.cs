namespace NetworkProtocol.Admin;

/// <summary>The sums over all sources of a hub, and the size of its store.</summary>
public sealed record HubTotalsRow(
    [property: Field("The number of sources.", 50)] long Sources,
    [property: Field("The number of series.", 1200)] long Series,
    [property: Field("The number of messages that are or were stored.", 123456)] long Messages,
    [property: Field("The number of messages that came again and were skipped.", 12)] long Duplicates,
    [property: Field("The number of messages that edges have declared as lost.", 0)] long Lost,
    [property: Field("The number of messages that could not become readings and were put aside.", 0)] long DeadLetters,
    [property: Field("The size of the store in bytes.", 52428800)] long StoreBytes,
    [property: Field("The free bytes of the store's disk; null if unknown.", 53687091200)] long? FreeBytes,
    [property: Field(
        "The growth of the store in bytes a day, measured since the start and at most over a day; null in the first ten minutes.", 1048576)]
    double? GrowthBytesPerDay,
    [property: Field("The days until the store's disk is full at this growth; null if it is unknown or the store does not grow.", 51.2)]
    double? DaysLeft);
