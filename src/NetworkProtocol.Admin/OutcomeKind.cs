namespace NetworkProtocol.Admin;

/// <summary>The kinds of outcomes of a request to a node.</summary>
public enum OutcomeKind
{
    /// <summary>The node has done what was requested.</summary>
    Done,

    /// <summary>A value in the request is not valid; the text says what is right.</summary>
    Invalid,

    /// <summary>The request has no token, or its token is unknown, revoked or expired.</summary>
    NotSignedIn,

    /// <summary>The user or token is a viewer, who may not change anything.</summary>
    NotAllowed,

    /// <summary>The object of the request does not exist.</summary>
    NotFound,

    /// <summary>The node's current state does not allow the change.</summary>
    Conflict,

    /// <summary>The node failed to process the request.</summary>
    Failed,

    /// <summary>The node cannot be reached, or did not answer before the timeout.</summary>
    Unreachable,

    /// <summary>The node redirects to another address.</summary>
    Redirected,

    /// <summary>The response is not from the admin API.</summary>
    NotTheApi,

    /// <summary>The node's certificate is not trusted, or TLS failed in another way.</summary>
    Untrusted,
}
