namespace NetworkProtocol.Client.Tests.Endings;

/// <summary>How connections end that have requests in flight.</summary>
internal enum Ending
{
    DisposeConnection,
    DisposeClient,
    FailWrites,
    FailReads,
    CloseStream,

    /// <summary>The clock leaps: requests time out, and the keep-alive takes the server for dead.</summary>
    KeepAlive,

    /// <summary>The clock leaps: connections are old, and retire.</summary>
    Retire,
}
