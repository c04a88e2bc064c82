namespace NetworkProtocol.Web;

/// <summary>The HTTP connections of a network of subscribers.</summary>
internal sealed class HttpNetwork
{
    /// <summary>The number of open connections from the network.</summary>
    public int Count { get; set; }
}
