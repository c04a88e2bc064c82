namespace NetworkProtocol.Admin;

/// <summary>How a request to a node ended.</summary>
public enum OutcomeKind
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>A value is wrong; the text says what would be right.</summary>
    Invalid,

    /// <summary>The node does not know who asks.</summary>
    NotSignedIn,

    /// <summary>Who asks is a viewer, and may not change anything.</summary>
    NotAllowed,

    /// <summary>There is no such object.</summary>
    NotFound,

    /// <summary>The node's state does not allow it now.</summary>
    Conflict,

    /// <summary>The node failed.</summary>
    Failed,

    /// <summary>The node did not answer in time, or cannot be reached.</summary>
    Unreachable,

    /// <summary>The node sends to another address.</summary>
    Redirected,

    /// <summary>What answers is not the admin API.</summary>
    NotTheApi,

    /// <summary>The node's certificate is not trusted, or TLS failed in another way.</summary>
    Untrusted,
}
