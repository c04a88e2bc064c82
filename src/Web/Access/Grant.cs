namespace NetworkProtocol.Web.Access;

/// <summary>How a user has signed in.</summary>
internal enum Grant
{
    /// <summary>By the link that the program prints at the start.</summary>
    Link,

    /// <summary>By a password whose hash is in the settings.</summary>
    Password,

    /// <summary>By an OpenID Connect provider.</summary>
    Provider,
}
