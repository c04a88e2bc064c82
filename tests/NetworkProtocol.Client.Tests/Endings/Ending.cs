namespace NetworkProtocol.Client.Tests.Endings;

/// <summary>The ways in which a connection with requests in flight ends.</summary>
internal enum Ending
{
    DisposeConnection,
    DisposeClient,
    FailWrites,
    FailReads,
    CloseStream,

    /// <summary>The clock leaps: requests time out, and the keep-alive finds the server dead.</summary>
    KeepAlive,

    /// <summary>The clock leaps: connections reach the end of their lifetime and are evicted.</summary>
    Evict,
}
