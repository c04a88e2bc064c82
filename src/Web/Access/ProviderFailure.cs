namespace NetworkProtocol.Web.Access;

/// <summary>Why a sign-in by the provider failed.</summary>
internal enum ProviderFailure
{
    /// <summary>The server cannot reach the provider, or the provider's response is invalid.</summary>
    Away,

    /// <summary>The user cancelled the sign-in, or the provider refused it.</summary>
    Denied,

    /// <summary>This server does not accept the provider's response.</summary>
    Refused,
}
