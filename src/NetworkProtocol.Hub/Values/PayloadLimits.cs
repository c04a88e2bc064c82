namespace NetworkProtocol.Hub.Values;

/// <summary>How much a single message may bring into the store. A message beyond that is put aside as a dead letter.</summary>
internal static class PayloadLimits
{
    /// <summary>The largest number of values.</summary>
    public const int MaxValues = 1_000;

    /// <summary>
    /// The largest number of values of all messages of one batch, so that no batch makes the others wait for seconds. It is a hundred for
    /// each message of a full batch, more than the bytes of a batch have room for as JSON.
    /// </summary>
    public const int MaxValuesOfBatch = 50_000;

    /// <summary>The largest number of distinct fields, each of which is a series.</summary>
    public const int MaxFields = 256;

    /// <summary>The greatest depth of JSON.</summary>
    public const int MaxDepth = 16;

    /// <summary>The longest name of a field, in bytes of UTF-8.</summary>
    public const int MaxFieldBytes = 256;

    /// <summary>The longest unit, in bytes of UTF-8.</summary>
    public const int MaxUnitBytes = 64;

    /// <summary>The longest text that is tried as a number: the largest double without an exponent has 309 digits.</summary>
    public const int MaxNumberBytes = 400;

    /// <summary>
    /// How far ahead of its arrival a time may be. One value from the future would be the last one of its series until that time has come.
    /// A day is more than any time zone that a clock was set to by mistake.
    /// </summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(1);

    /// <summary>The end of the year 9999 in milliseconds since 1970, the last time that .NET and the databases know.</summary>
    public const long MaxTime = 253_402_300_799_999;
}
